//! Every call there is. A feature is one line here, one handler in the engine, one view.

use crate::{
    Timestamp, adapter::AdapterRow, alert::*, backup::*, check::CheckReport, export::*, fault::*, finding::*,
    history::*, id::*, import::*, job::Job, journal::*, live::*, note::*, person::*, port::PortInfo, role::Actor,
    service::*, system::*, telemetry::*, valid::LongText, vehicle::*, visit::*, work::*,
};

crate::calls! {
    // ---- vehicles
    /// Vehicles, worst state first unless `order` says otherwise; `back` turns the order round, where what has no
    /// value in the column stays last. `search` looks in plate, VIN
    /// and name, `state` keeps those of one state. Plates are personal.
    ListVehicles { search: Option<String>, offset: u32, limit: u32, order: Option<VehicleOrder>, back: Option<bool>, state: Option<State> } -> Page<VehicleRow>, needs Executive, ReadPersonal;
    /// How the vehicles are, as counts of each state.
    CountVehicles {} -> VehicleCounts, needs Executive, Read;
    /// One vehicle with what is known of it, its owner's name and its plate among them.
    GetVehicle { vehicle: VehicleId } -> VehicleDetail, needs Executive, ReadPersonal;
    /// Registers a vehicle; a VIN that is registered already is a [`crate::error::Code::Conflict`], one that is none or whose
    /// check digit is wrong, unless a check read it, is a [`crate::error::Code::Invalid`].
    RegisterVehicle { vin: Option<String>, plate: Option<String>, name: Option<String> } -> VehicleId, needs Technician, Change;
    /// Changes what is given and leaves the rest; an empty text clears.
    EditVehicle { vehicle: VehicleId, plate: Option<String>, name: Option<String> } -> (), needs Technician, Change;
    /// Says whose vehicle it is; `None`: nobody's.
    SetOwner { vehicle: VehicleId, person: Option<PersonId> } -> (), needs Technician, Change;

    /// Says that `vehicle`, which has no VIN of its own, is the vehicle `to`: its visits count there. Two that both have a
    /// VIN, and not the same, are a [`crate::error::Code::Conflict`].
    AttachVehicle { vehicle: VehicleId, to: VehicleId } -> VehicleId, needs Technician, Change;
    /// Takes the word of [`AttachVehicle`] back: the registration stands for itself again.
    DetachVehicle { vehicle: VehicleId } -> (), needs Technician, Change;
    /// Gives a vehicle its VIN; one that is registered already joins the two. One that was typed is replaced, or with an
    /// empty text taken away, so that what a mistyped one joined comes apart: that of the registration named, or, where it has
    /// none, of the vehicle. One that a check read under that registration is a [`crate::error::Code::Conflict`].
    SetVin { vehicle: VehicleId, vin: String } -> VehicleId, needs Technician, Change;

    // ---- notes, photos, measurements
    /// Notes about a vehicle, newest first, with the start of each.
    ListNotes { vehicle: VehicleId, offset: u32, limit: u32 } -> Page<NoteRow>, needs Technician, ReadPersonal;
    /// The whole text of a note.
    GetNote { note: NoteId } -> LongText, needs Technician, ReadPersonal;
    /// Writes a note.
    AddNote { vehicle: VehicleId, visit: Option<VisitId>, text: LongText } -> NoteId, needs Technician, Change;
    /// Replaces a note's text.
    EditNote { note: NoteId, text: LongText } -> (), needs Technician, Change;
    /// Removes a note, or brings it back.
    RemoveNote { note: NoteId, removed: bool } -> (), needs Technician, Change;
    /// Photos of a vehicle, newest first.
    ListPhotos { vehicle: VehicleId, offset: u32, limit: u32 } -> Page<PhotoRow>, needs Technician, ReadPersonal;
    /// Adds a photo that was stored at the blob endpoint (`file`, its BLAKE3): JPEG, PNG or WebP, at most 64 MiB.
    AddPhoto { vehicle: VehicleId, visit: Option<VisitId>, file: String, caption: String } -> PhotoId, needs Technician, Change;
    /// Replaces a photo's caption.
    EditPhoto { photo: PhotoId, caption: String } -> (), needs Technician, Change;
    /// Removes a photo, or brings it back.
    RemovePhoto { photo: PhotoId, removed: bool } -> (), needs Technician, Change;
    /// Measurements of a vehicle and its odometer readings, newest first.
    ListMeasurements { vehicle: VehicleId, offset: u32, limit: u32 } -> Page<MeasurementRow>, needs Executive, Read;
    /// Adds a measurement. An odometer that contradicts those before and after it is a [`crate::error::Code::Conflict`]
    /// that says which, unless `sure`.
    AddMeasurement { vehicle: VehicleId, at: Option<Timestamp>, measured: Measured, sure: bool } -> MeasurementId, needs Technician, Change;
    /// Removes a measurement, or brings it back. An odometer that nobody confirmed and that contradicts the one before it by
    /// then is a [`crate::error::Code::Conflict`].
    RemoveMeasurement { measurement: MeasurementId, removed: bool } -> (), needs Technician, Change;

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
    /// One code of one vehicle over all its visits.
    GetFaultHistory { vehicle: VehicleId, code: String } -> FaultHistory, needs Executive, Read;
    /// What codes mean, as far as that is certain; at most 500 at once.
    ExplainCodes { codes: Vec<String> } -> Vec<CodeMeaning>, needs Executive, Read;
    /// Two visits of one vehicle side by side, in whichever order they are given.
    CompareVisits { one: VisitId, other: VisitId } -> Comparison, needs Executive, Read;
    /// The raw adapter traffic of a visit as a text file that `replay:FILE` plays back.
    ExportTraffic { visit: VisitId } -> BlobInfo, needs Technician, Export;
    /// Reads the stored traffic of a visit with today's decoder and says value by value what differs from what is shown. With
    /// `keep`, and where anything differs, that is what is shown from now on; the reading of then stays.
    RedecodeVisit { visit: VisitId, keep: bool } -> Redecoding, needs Technician, Change;
    /// The decodings of a visit, oldest first: that of the check itself, and those that were kept since.
    ListDecodings { visit: VisitId } -> Vec<DecodingRow>, needs Executive, Read;
    /// A check as one of its decodings has it.
    GetDecoding { visit: VisitId, decoding: EventId } -> CheckReport, needs Executive, Read;
    /// A visit as a ZIP that anybody can check: traffic, what was read in it, versions, hashes, and how to check them. VINs and
    /// serial numbers are replaced unless it is `full`. The same visit gives the same bytes.
    MakeBundle { visit: VisitId, full: bool } -> BlobInfo, needs Technician, Export;
    /// Visits of every vehicle whose raw traffic is stored here, newest first.
    ListWithTraffic { offset: u32, limit: u32 } -> Page<VisitRow>, needs Technician, Read;
    /// The one-page check report for the customer as PDF.
    MakeCheckReport { visit: VisitId } -> BlobInfo, needs Technician, Export;

    // ---- adapters and checks
    /// Ports that could hold an adapter, the likely ones first, simulated vehicles last, each with what stands in its way.
    ListPorts {} -> Vec<PortInfo>, needs Technician, Read;
    /// Looks for adapters that have to be called (Wi-Fi, Bluetooth LE) for up to a quarter of a minute, as a job: its `done` is
    /// how many were found, which [`ListPorts`] then lists; a step says why a way could not be searched.
    ScanPorts {} -> JobId, needs Technician, Read;
    /// Starts a check. `vehicle` says whose it is when the vehicle itself gives no VIN; `baud` is the speed of a serial
    /// port in bit/s, tried out where it is not given.
    StartCheck { port: String, vehicle: Option<VehicleId>, baud: Option<u32> } -> JobId, needs Technician, Change;
    /// Measures the adapter at a port, with a vehicle or without, as a job of some seconds; the job's result is named by the
    /// adapter's id.
    StartAdapterTest { port: String, baud: Option<u32> } -> JobId, needs Technician, Change;
    /// Adapters that were measured, the one measured last first.
    ListAdapters {} -> Vec<AdapterRow>, needs Technician, Read;
    /// One of them.
    GetAdapter { adapter: AdapterId } -> AdapterRow, needs Technician, Read;
    /// Clears the trouble codes of `vehicle`, which is on `port`, as a job: a full check, which is stored; codes cleared once;
    /// a check again. `reason` is kept as a note at the first visit, `confirmed` must be [`crate::clear::WORDS`]. Refused when
    /// the engine runs, the voltage is low, another vehicle answers, the check was cut short, or nothing is there to clear.
    /// It can be cancelled until the moment of clearing, and not undone.
    StartClearing { port: String, vehicle: VehicleId, baud: Option<u32>, reason: LongText, confirmed: String } -> JobId, needs Technician, Change;
    /// Jobs that run or ran since start, newest first.
    ListJobs {} -> Vec<Job>, needs Technician, Read;
    /// One job with its progress so far.
    GetJob { job: JobId } -> Job, needs Technician, Read;
    /// Stops a job; what it has read by then is kept, marked partial.
    CancelJob { job: JobId } -> (), needs Technician, Change;

    // ---- live
    /// Opens a live session on a port, or joins the one that is open there. `preset` names the signals to start with.
    OpenLive { port: String, vehicle: Option<VehicleId>, baud: Option<u32>, preset: Option<String> } -> LiveSession, needs Technician, Change;
    /// Sessions of this process that are open or ended within the last minutes, newest first.
    ListLive {} -> Vec<LiveSession>, needs Technician, Read;
    /// The samples of the last minutes that the session still holds, for a page that joins; oldest first.
    GetLiveSamples { session: LiveId } -> Vec<Sample>, needs Technician, Read;
    /// Chooses what is read, by [`SignalInfo::id`]; at most 64.
    ChooseSignals { session: LiveId, signals: Vec<String> } -> LiveSession, needs Technician, Change;
    /// Stops reading for a while, or goes on, also where it stopped by itself ([`LiveState::Held`]). The vehicle is kept
    /// awake where its bus needs that and a person paused it.
    PauseLive { session: LiveId, paused: bool } -> LiveSession, needs Technician, Change;
    /// Tells what passes between this machine and the adapter, line by line ([`crate::stream::Push::LiveTraffic`]), or no more.
    ShowTraffic { session: LiveId, on: bool } -> LiveSession, needs Technician, Change;
    /// Marks this moment.
    MarkLive { session: LiveId, label: String } -> LiveSession, needs Technician, Change;
    /// Begins to record. What is recorded is on disk within a second.
    StartRecording { session: LiveId } -> LiveSession, needs Technician, Change;
    /// Ends the recording and keeps it.
    StopRecording { session: LiveId } -> RecordingRow, needs Technician, Change;
    /// Ends a session, and its recording.
    CloseLive { session: LiveId } -> (), needs Technician, Change;
    /// Recordings of a vehicle, or all, newest first.
    ListRecordings { vehicle: Option<VehicleId>, offset: u32, limit: u32 } -> Page<RecordingRow>, needs Technician, Read;
    /// A recording as CSV.
    ExportRecording { recording: RecordingId, layout: CsvLayout } -> BlobInfo, needs Technician, Export;

    // ---- findings, alerts, decisions
    /// What the newest diagnosis of a vehicle says, in plain words.
    GetDiagnosis { vehicle: VehicleId } -> Diagnosis, needs Executive, Read;
    /// Alerts, of one vehicle or all.
    ListAlerts { view: AlertView, vehicle: Option<VehicleId>, offset: u32, limit: u32 } -> Page<AlertRow>, needs Executive, ReadPersonal;
    /// One alert with what is behind it.
    GetAlert { alert: AlertId } -> AlertDetail, needs Executive, ReadPersonal;
    /// How many there are.
    CountAlerts {} -> AlertCounts, needs Executive, Read;
    /// Says that somebody has seen to it, or takes that back.
    AcknowledgeAlert { alert: AlertId, acknowledged: bool } -> AlertRow, needs Technician, Change;
    /// Quiet until then; a time that is past, or `None`, ends the quiet.
    SnoozeAlert { alert: AlertId, until: Option<Timestamp> } -> AlertRow, needs Technician, Change;
    /// Closes it by a person's word, or opens it again.
    CloseAlert { alert: AlertId, closed: bool, why: String } -> AlertRow, needs Technician, Change;
    /// Decisions, of one vehicle or all, newest first; `waiting` keeps those that wait for a person.
    ListDecisions { waiting: bool, vehicle: Option<VehicleId>, offset: u32, limit: u32 } -> Page<DecisionRow>, needs Executive, ReadPersonal;
    /// Approves or refuses what waits; what was answered already is a [`crate::error::Code::Conflict`].
    AnswerDecision { decision: DecisionId, approve: bool, note: String } -> DecisionRow, needs Technician, Change;
    /// Has the rules decide about a vehicle's newest diagnosis now, also where they have before. What is approved already and
    /// would come out the same stands.
    DecideNow { vehicle: VehicleId } -> Vec<DecisionRow>, needs Technician, Change;

    // ---- telemetry
    /// Signals of which a vehicle has values.
    ListSignals { vehicle: VehicleId } -> Vec<SignalSpan>, needs Executive, Read;
    /// Values of up to 16 signals in `from..to` (ms since 1970): each one where no signal has more than twice `columns` (1 to
    /// 4000) of them, else bands of about that many columns.
    GetTrend { vehicle: VehicleId, signals: Vec<String>, from: Timestamp, to: Timestamp, columns: u32 } -> Trend, needs Executive, Read;
    /// What is stored and how much of the disk it takes.
    GetStorage {} -> Storage, needs Executive, Read;
    /// Keeps a range of a vehicle's values from retention.
    PinTelemetry { vehicle: VehicleId, from: Timestamp, to: Timestamp, reason: String } -> PinId, needs Technician, Change;
    /// Takes a pin away.
    UnpinTelemetry { pin: PinId } -> (), needs Technician, Change;
    /// Drops single values that are older than the settings allow, now.
    ApplyRetention {} -> Retained, needs Admin, Change;

    // ---- import
    /// What a file with telemetry looks like, what must be said before it can be read, and what would become of its first
    /// rows. Nothing is stored. `mapping`: how to read it, instead of what it looks like; `dbc`: what names the signals of a CAN log.
    PreviewImport { file: ImportFile, dbc: Option<ImportFile>, mapping: Option<Mapping>, answers: Answers } -> ImportPreview, needs Technician, Read;
    /// Signals and units that a mapping may name.
    ListKnownSignals {} -> KnownSignals, needs Technician, Read;
    /// Reads the whole file as a job; all of it is there at the end, or nothing. What is not answered yet is a
    /// [`crate::error::Code::Invalid`] that names it, a file that is there already a [`crate::error::Code::Conflict`] unless
    /// `again`. The job's result is named by the import's id.
    StartImport { vehicle: VehicleId, file: ImportFile, dbc: Option<ImportFile>, mapping: Option<Mapping>, answers: Answers, again: bool } -> JobId, needs Technician, Change;
    /// Imports of a vehicle, or all, newest first; those that were undone among them.
    ListImports { vehicle: Option<VehicleId>, offset: u32, limit: u32 } -> Page<ImportRow>, needs Technician, ReadPersonal;
    /// One of them, with its mapping and the account of every row.
    GetImport { import: ImportId } -> ImportDetail, needs Technician, ReadPersonal;
    /// Takes all of it back at once. What a pin covers or an open alert rests on is a [`crate::error::Code::Conflict`].
    UndoImport { import: ImportId } -> ImportRow, needs Technician, Change;

    // ---- service history
    /// A vehicle's service records, newest first by the day they were done.
    ListService { vehicle: VehicleId, offset: u32, limit: u32 } -> Page<ServiceRow>, needs Technician, ReadPersonal;
    /// One of them.
    GetService { service: ServiceId } -> ServiceRow, needs Technician, ReadPersonal;
    /// Adds a record. An odometer reading that contradicts those before and after it is a [`crate::error::Code::Conflict`]
    /// that says which, unless `sure`, which says that it is right.
    AddService { vehicle: VehicleId, fields: ServiceFields, sure: bool } -> ServiceId, needs Technician, Change;
    /// Replaces what a record says; what it said before stays in the journal. `sure` as in [`AddService`].
    CorrectService { service: ServiceId, fields: ServiceFields, sure: bool } -> ServiceRow, needs Technician, Change;
    /// Removes a record, or brings it back.
    RemoveService { service: ServiceId, removed: bool } -> (), needs Technician, Change;
    /// Says of a record's odometer reading whether it counts; `None` takes back what was said.
    JudgeOdometer { service: ServiceId, judged: Option<Judgement> } -> ServiceRow, needs Technician, Change;
    /// All service records of a vehicle as CSV in the own layout, which reads back as it was; oldest first.
    ExportService { vehicle: VehicleId } -> LongText, needs Technician, Export;
    /// Whether a file is a log or a service history.
    TellFile { file: ImportFile } -> FileNature, needs Technician, Read;
    /// What a service history looks like, what must be said before it can be read, and what would become of every row. Nothing is
    /// stored. With a `vehicle` odometer readings are judged against what is known of it.
    PreviewHistory { vehicle: Option<VehicleId>, file: ImportFile, mapping: Option<HistoryMapping>, answers: HistoryAnswers } -> HistoryPreview, needs Technician, ReadPersonal;
    /// Reads the whole file as a job; all of it is there at the end, or nothing. What is not answered yet is a
    /// [`crate::error::Code::Invalid`] that names it, a file that is there already a [`crate::error::Code::Conflict`] unless
    /// `again`. The job's result is named by the import's id.
    StartHistory { vehicle: VehicleId, file: ImportFile, mapping: Option<HistoryMapping>, answers: HistoryAnswers, again: bool } -> JobId, needs Technician, Change;
    /// Imports of histories of a vehicle, or all, newest first; those that were undone among them.
    ListHistories { vehicle: Option<VehicleId>, offset: u32, limit: u32 } -> Page<HistoryRow>, needs Technician, ReadPersonal;
    /// One of them, with its mapping and the account of every row.
    GetHistory { import: ImportId } -> HistoryDetail, needs Technician, ReadPersonal;
    /// Takes all of its records back at once, those that were corrected since among them.
    UndoHistory { import: ImportId } -> HistoryRow, needs Technician, Change;

    // ---- export
    /// Everything about a vehicle as a ZIP that people and programs can read, as a job: what is known of it, visits with their
    /// traffic, service records, notes, photos, measurements, alerts, decisions, diagnoses, imports, recordings, every value,
    /// reports, and its timeline in words.
    ExportVehicle { vehicle: VehicleId, out: ExportTo } -> JobId, needs Technician, Export;
    /// Values of a vehicle in `from..to` (each `None`: no bound) as one table, as a job. `signals`: those of these ids, in the
    /// order given where the layout is wide; an empty list: all. One that the vehicle does not have is a
    /// [`crate::error::Code::NotFound`].
    ExportTelemetry { vehicle: VehicleId, signals: Vec<String>, from: Option<Timestamp>, to: Option<Timestamp>, format: TableFormat, layout: CsvLayout, out: ExportTo } -> JobId, needs Technician, Export;
    /// Vehicles, visits, trouble codes, alerts, service records and odometer readings of the fleet as tables of CSV, as a job: in a ZIP, or in a
    /// folder. Number plates are in it, customers are not.
    ExportFleet { out: ExportTo } -> JobId, needs FleetManager, Export;
    /// All that is stored of a customer as a ZIP that they can read, as a job: their details, their vehicles, and what was
    /// noted, photographed, read and written to the shop while a vehicle was theirs. Nothing of anybody else's.
    ExportCustomer { person: PersonId, out: ExportTo } -> JobId, needs Owner, Export;

    // ---- workers and outbox
    /// How everything is.
    GetPulse {} -> Pulse, needs Executive, Read;
    /// Every worker.
    ListWorkers {} -> WorkerReport, needs Technician, Read;
    /// Pauses a worker, or lets it go on. Its events wait meanwhile.
    PauseWorker { worker: String, paused: bool } -> (), needs Admin, Change;
    /// Events that workers gave up on, newest first.
    ListDeadEvents { offset: u32, limit: u32 } -> Page<DeadEvent>, needs Technician, Read;
    /// Has the worker handle one of them again.
    RetryDeadEvent { worker: String, arrival: u64 } -> (), needs Technician, Change;
    /// Drops it for good.
    DropDeadEvent { worker: String, arrival: u64 } -> (), needs Technician, Change;
    /// Messages of the outbox.
    ListMessages { view: MessageView, offset: u32, limit: u32 } -> Page<MessageRow>, needs Technician, Read;
    /// One message with what was tried.
    GetMessage { message: MessageId } -> MessageDetail, needs Technician, Read;
    /// Ways on which messages leave the house.
    ListChannels {} -> Vec<ChannelRow>, needs Technician, Read;
    /// Tries a message again now, a dead letter too.
    RetryMessage { message: MessageId } -> MessageRow, needs Technician, Change;
    /// Drops a message that was not sent.
    DropMessage { message: MessageId } -> MessageRow, needs Technician, Change;
    /// Sends a message to try a channel out, and says how that went.
    TryChannel { channel: String } -> (), needs Admin, Change;
    /// Keeps the password for the mail server and user of the settings; an empty text takes it away. It is never given out, and
    /// never shown to another server.
    SetMailPassword { password: String } -> (), needs Admin, Change;

    // ---- backups
    /// Backups in the folder of the settings, newest first.
    ListBackups {} -> Vec<BackupRow>, needs Admin, Read;
    /// Makes a backup now, as a job: in `folder`, a full path, or in that of the settings.
    MakeBackup { folder: Option<String> } -> JobId, needs Admin, Change;
    /// Checks a backup from its first byte to its last. `name` is one in the folder of the settings, or a path.
    VerifyBackup { name: String } -> BackupReport, needs Admin, Read;
    /// Verifies a backup and puts it in the place of what is there, of which a backup is made first. While something is
    /// checked or recorded it is a [`crate::error::Code::Conflict`].
    RestoreBackup { name: String } -> Restored, needs Admin, Change;

    // ---- journal and system
    /// Events on a timeline, newest first: of one vehicle or all, of some groups or all (an empty list), within a range.
    /// `before` is the arrival of the last row had.
    ListTimeline { vehicle: Option<VehicleId>, groups: Vec<EventGroup>, from: Option<Timestamp>, to: Option<Timestamp>, before: Option<u64>, limit: u32 } -> Vec<TimelineRow>, needs Technician, ReadPersonal;
    /// The story of an event, alert, decision, visit, recording or message, from the raw reading to the sent message.
    Trace { id: String } -> Story, needs Technician, Read;
    /// The newest lines of the log, redacted, oldest first.
    ReadLog { limit: u32 } -> Vec<LogLine>, needs Technician, Read;
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
