//! Negative responses `7F ss nn` (ISO 14229-1, Annex A).

use super::DecodeError;

/// A refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Negative {
    /// The refused service.
    pub service: u8,
    /// Negative response code.
    pub nrc: u8,
}

impl Negative {
    /// The code's name, as in `subFunctionNotSupported`.
    pub fn meaning(self) -> &'static str {
        nrc_name(self.nrc)
    }

    /// Whether the ECU only asks for patience (78): the real answer follows.
    pub fn is_pending(self) -> bool {
        self.nrc == 0x78
    }
}

pub(super) fn read(payload: &[u8]) -> Result<Negative, DecodeError> {
    match *payload {
        // Zero is the code for "positive", which no refusal can carry.
        [_, _, 0] => Err(DecodeError::BadNrc(0)),
        // Replies set bit 6; nobody can have asked for them.
        [_, service, _] if service & 0x40 != 0 => Err(DecodeError::Inconsistent),
        [_, service, nrc] => Ok(Negative { service, nrc }),
        _ => Err(DecodeError::Length { what: "a refusal", expected: 3, got: payload.len() }),
    }
}

/// Name of a negative response code in ISO 14229-1; what it reserves is `ISOSAEReserved`.
pub fn nrc_name(nrc: u8) -> &'static str {
    match nrc {
        0x00 => "positiveResponse",
        0x10 => "generalReject",
        0x11 => "serviceNotSupported",
        0x12 => "subFunctionNotSupported",
        0x13 => "incorrectMessageLengthOrInvalidFormat",
        0x14 => "responseTooLong",
        0x21 => "busyRepeatRequest",
        0x22 => "conditionsNotCorrect",
        0x24 => "requestSequenceError",
        0x25 => "noResponseFromSubnetComponent",
        0x26 => "failurePreventsExecutionOfRequestedAction",
        0x31 => "requestOutOfRange",
        0x33 => "securityAccessDenied",
        0x34 => "authenticationRequired",
        0x35 => "invalidKey",
        0x36 => "exceedNumberOfAttempts",
        0x37 => "requiredTimeDelayNotExpired",
        0x38 => "secureDataTransmissionRequired",
        0x39 => "secureDataTransmissionNotAllowed",
        0x3A => "secureDataVerificationFailed",
        0x50 => "certificateVerificationFailedInvalidTimePeriod",
        0x51 => "certificateVerificationFailedInvalidSignature",
        0x52 => "certificateVerificationFailedInvalidChainOfTrust",
        0x53 => "certificateVerificationFailedInvalidType",
        0x54 => "certificateVerificationFailedInvalidFormat",
        0x55 => "certificateVerificationFailedInvalidContent",
        0x56 => "certificateVerificationFailedInvalidScope",
        0x57 => "certificateVerificationFailedInvalidCertificate",
        0x58 => "ownershipVerificationFailed",
        0x59 => "challengeCalculationFailed",
        0x5A => "settingAccessRightsFailed",
        0x5B => "sessionKeyCreationDerivationFailed",
        0x5C => "configurationDataUsageFailed",
        0x5D => "deAuthenticationFailed",
        0x70 => "uploadDownloadNotAccepted",
        0x71 => "transferDataSuspended",
        0x72 => "generalProgrammingFailure",
        0x73 => "wrongBlockSequenceCounter",
        0x78 => "requestCorrectlyReceivedResponsePending",
        0x7E => "subFunctionNotSupportedInActiveSession",
        0x7F => "serviceNotSupportedInActiveSession",
        0x81 => "rpmTooHigh",
        0x82 => "rpmTooLow",
        0x83 => "engineIsRunning",
        0x84 => "engineIsNotRunning",
        0x85 => "engineRunTimeTooLow",
        0x86 => "temperatureTooHigh",
        0x87 => "temperatureTooLow",
        0x88 => "vehicleSpeedTooHigh",
        0x89 => "vehicleSpeedTooLow",
        0x8A => "throttlePedalTooHigh",
        0x8B => "throttlePedalTooLow",
        0x8C => "transmissionRangeNotInNeutral",
        0x8D => "transmissionRangeNotInGear",
        0x8F => "brakeSwitchNotClosed",
        0x90 => "shifterLeverNotInPark",
        0x91 => "torqueConverterClutchLocked",
        0x92 => "voltageTooHigh",
        0x93 => "voltageTooLow",
        0x94 => "resourceTemporarilyNotAvailable",
        0xF0..=0xFE => "vehicleManufacturerSpecificConditionsNotCorrect",
        _ => "ISOSAEReserved",
    }
}
