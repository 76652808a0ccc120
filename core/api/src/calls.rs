//! Every call there is. A feature is one line here, one handler in the engine, one view.

use crate::{
    fault::FaultRow, id::*, job::Job, journal::*, person::*, port::PortInfo, role::Actor, system::*, vehicle::*,
    visit::*,
};

crate::calls! {
    // ---- vehicles
    /// Vehicles, worst state first. `search` looks in plate, VIN and name. Plates are personal.
    ListVehicles { search: Option<String>, offset: u32, limit: u32 } -> Page<VehicleRow>, needs Executive, ReadPersonal;
    /// How the vehicles are, as counts of each state.
    CountVehicles {} -> VehicleCounts, needs Executive, Read;
    /// One vehicle with what is known of it, its owner's name and its plate among them.
    GetVehicle { vehicle: VehicleId } -> VehicleDetail, needs Executive, ReadPersonal;
    /// Registers a vehicle; a VIN that is registered already is a [`crate::error::Code::Conflict`].
    RegisterVehicle { vin: Option<String>, plate: Option<String>, name: Option<String> } -> VehicleId, needs Technician, Change;
    /// Changes what is given and leaves the rest; an empty text clears.
    EditVehicle { vehicle: VehicleId, plate: Option<String>, name: Option<String> } -> (), needs Technician, Change;
    /// Says whose vehicle it is; `None`: nobody's.
    SetOwner { vehicle: VehicleId, person: Option<PersonId> } -> (), needs Technician, Change;

    // ---- people
    /// Customers, by name.
    ListPeople { search: Option<String>, offset: u32, limit: u32 } -> Page<Person>, needs Technician, ReadPersonal;
    /// Adds a customer.
    AddPerson { details: PersonDetails } -> PersonId, needs Technician, Change;
    /// Replaces a customer's details.
    EditPerson { person: PersonId, details: PersonDetails } -> (), needs Technician, Change;
    /// Forgets a customer for good: erased from the tables, unreadable in the journal. Cannot be undone.
    ForgetPerson { person: PersonId } -> Forgotten, needs Owner, Change;

    // ---- visits and faults
    /// A vehicle's visits, newest first.
    ListVisits { vehicle: VehicleId, offset: u32, limit: u32 } -> Page<VisitRow>, needs Executive, Read;
    /// One visit with its whole check.
    GetVisit { visit: VisitId } -> VisitDetail, needs Executive, Read;
    /// Trouble codes of one vehicle: those of the newest visit first, then the ones seen before.
    ListFaults { vehicle: VehicleId } -> Vec<FaultRow>, needs Executive, Read;
    /// The one-page check report for the customer as PDF.
    MakeCheckReport { visit: VisitId } -> BlobInfo, needs Technician, Export;

    // ---- adapters and checks
    /// Ports that could hold an adapter, simulated vehicles among them, each with what stands in its way.
    ListPorts {} -> Vec<PortInfo>, needs Technician, Read;
    /// Starts a check. `vehicle` says whose it is when the vehicle itself gives no VIN; `baud` is the speed of a serial
    /// port in bit/s, tried out where it is not given.
    StartCheck { port: String, vehicle: Option<VehicleId>, baud: Option<u32> } -> JobId, needs Technician, Change;
    /// Jobs that run or ran since start, newest first.
    ListJobs {} -> Vec<Job>, needs Technician, Read;
    /// One job with its progress so far.
    GetJob { job: JobId } -> Job, needs Technician, Read;
    /// Stops a job; what it has read by then is kept, marked partial.
    CancelJob { job: JobId } -> (), needs Technician, Change;

    // ---- journal and system
    /// Checks every event of the journal against its chain.
    VerifyJournal {} -> VerifyReport, needs Technician, Read;
    /// Makes every table anew from the journal.
    RebuildTables {} -> RebuildReport, needs Admin, Change;
    /// The newest events, in words.
    ListEvents { before: Option<u64>, limit: u32 } -> Vec<EventRow>, needs Technician, Read;
    /// Version, database, keyring, log.
    GetStatus {} -> Status, needs Executive, Read;
    /// What the behaviour monitor has flagged.
    ListFlags {} -> Vec<Flag>, needs Owner, Read;
    /// The redacted log as a text file for a support request.
    ExportLog {} -> BlobInfo, needs Technician, Export;
    /// Who the caller is.
    WhoAmI {} -> Actor, needs Executive, Read;
    /// This device's settings.
    GetSettings {} -> Settings, needs Executive, Read;
    /// Replaces this device's settings.
    SetSettings { settings: Settings } -> (), needs Technician, Change;
}
