//! The filled database, and where its pages are.

/// Ids of what was put in.
pub(crate) struct Filled {
    /// The vehicle with two visits, notes, a photo and measurements.
    pub(crate) vehicle: String,
    /// A vehicle without a VIN.
    pub(crate) nameless: String,
    /// Its two visits, newest first.
    pub(crate) visits: [String; 2],
    /// Its worst alert, whose decision waits.
    pub(crate) alert: String,
    /// An alert that was acknowledged, and whose decision was answered.
    pub(crate) answered: String,
    /// A log that is stored and not imported.
    pub(crate) stored: String,
    /// An import, and one that was undone.
    pub(crate) import: String,
    pub(crate) undone: String,
    pub(crate) histories: Histories,
}

/// Service histories.
pub(crate) struct Histories {
    /// One that is stored and asks much, and one that asks nothing.
    pub(crate) asks: String,
    pub(crate) clear: String,
    /// An import with readings that cannot be right, and one that was undone.
    pub(crate) import: String,
    pub(crate) undone: String,
}

impl Filled {
    /// The import page of the vehicle with a file that is stored.
    fn looked_at(&self, hash: &str, name: &str) -> String {
        format!("/import?vehicle={}&stored={hash}&name={}", self.vehicle, name.replace(' ', "%20"))
    }

    /// Name, path, and what must be shown before the page is looked at.
    pub(crate) fn addresses(&self, live: &str) -> Vec<(&'static str, String, &'static str)> {
        let [newest, before] = &self.visits;
        let tab = |tab: &str| format!("/vehicles/{}{tab}", self.vehicle);
        let Histories { asks, clear, import, undone } = &self.histories;
        vec![
            ("fleet", "/".into(), "[data-testid='vehicle-card']"),
            ("check", "/check".into(), "[data-testid='port-option']"),
            ("vehicle", tab(""), "[data-testid='identity']"),
            ("vehicle-nameless", format!("/vehicles/{}", self.nameless), "[data-testid='provisional']"),
            ("faults", tab("/faults"), "[data-testid='fault-row']"),
            ("readiness", tab("/readiness"), "[data-testid='readiness']"),
            ("frames", tab("/frames"), "[data-testid='freeze-frame']"),
            ("visits", tab("/visits"), "[data-testid='visit-row']"),
            ("notes", tab("/notes"), "[data-testid='note']"),
            ("timeline", tab("/timeline"), "[data-testid='timeline-row']"),
            ("trends", tab("/trends"), "[data-testid='plot']"),
            ("photos", tab("/photos"), "[data-testid='photo'] img"),
            ("measurements", tab("/measurements"), "[data-testid='measurement-row']"),
            ("tread", tab("/measurements?add=tread"), "[data-testid='wheel-front-left']"),
            ("imports", tab("/imports"), "[data-testid='import-row']"),
            ("imports-none", format!("/vehicles/{}/imports", self.nameless), "[data-testid='imports-empty']"),
            ("import-whose", "/import".into(), "[data-testid='vehicle-option']"),
            ("import-file", format!("/import?vehicle={}", self.vehicle), "[data-testid='import-file-button']"),
            ("import-look", self.looked_at(&self.stored, "Drive of next week.csv"), "[data-testid='import-columns']"),
            ("import-unknown", self.looked_at(&"0".repeat(64), "Gone.csv"), "[data-testid='import-refused']"),
            ("history-asks", self.looked_at(asks, "Service records.csv"), "[data-testid='question']"),
            ("history-look", self.looked_at(clear, "Workshop table.csv"), "[data-testid='history-flag']"),
            ("history-done", format!("/histories/{import}"), "[data-testid='history-flag']"),
            ("history-undone", format!("/histories/{undone}"), "[data-testid='import-undone']"),
            ("service", tab("/service"), "[data-testid='odometer-flag']"),
            ("service-none", format!("/vehicles/{}/service", self.nameless), "[data-testid='service-empty']"),
            ("import-done", format!("/imports/{}", self.import), "[data-testid='import-flag']"),
            ("import-undone", format!("/imports/{}", self.undone), "[data-testid='import-undone']"),
            ("visit", format!("/visits/{newest}"), "[data-testid='check-result']"),
            ("compare", format!("/compare/{before}/{newest}"), "[data-testid='comparison']"),
            ("live-start", "/live".into(), "[data-testid='open-live']"),
            ("live", format!("/live/{live}"), "[data-testid='plot']"),
            ("alerts", "/alerts".into(), "[data-testid='alert-row']"),
            ("alerts-snoozed", "/alerts?view=snoozed".into(), "[data-testid='alerts-empty']"),
            ("alerts-closed", "/alerts?view=closed".into(), "[data-testid='alert-row']"),
            ("alert", format!("/alerts/{}", self.alert), "[data-testid='finding']"),
            ("alert-answered", format!("/alerts/{}", self.answered), "[data-testid='decision-state']"),
            ("timeline-all", "/timeline".into(), "[data-testid='timeline-row']"),
            ("system", "/system".into(), "[data-testid='status']"),
            ("adapters", "/system/adapters".into(), "[data-testid='passport']"),
            ("workers", "/system/workers".into(), "[data-testid='worker-row']"),
            ("outbox", "/system/outbox".into(), "[data-testid='message-row']"),
            ("outbox-sent", "/system/outbox?view=sent".into(), "[data-testid='try-desktop']"),
            ("storage", "/system/storage".into(), "[data-testid='storage']"),
            ("chain", "/system/chain".into(), "[data-testid='event-row']"),
            ("backups", "/system/backups".into(), "[data-testid='backup-row']"),
            ("log", "/system/log".into(), "[data-testid='log-line']"),
            ("settings", "/settings".into(), "[data-testid='adapter']"),
            ("missing", "/nowhere".into(), ".empty h1"),
        ]
    }

    /// Dialogs and panels that open on a page: name, path, what is pressed one after the other, and what must be shown then.
    pub(crate) fn openings(&self, live: &str) -> Vec<(&'static str, String, Vec<&'static str>, &'static str)> {
        let visit = format!("/visits/{}", self.visits[0]);
        let tab = |tab: &str| format!("/vehicles/{}{tab}", self.vehicle);
        let clear = self.looked_at(&self.histories.clear, "Workshop table.csv");
        vec![
            ("visit-redecoding", visit.clone(), vec!["read-anew"], "decoded-line"),
            ("visit-bundle", visit, vec!["bundle"], "save-bundle"),
            ("live-traffic", format!("/live/{live}"), vec!["show-traffic"], "traffic-line"),
            ("history-otherwise", clear.clone(), vec!["import-details"], "import-nature"),
            ("history-judged", clear, vec!["odometer-accept"], "odometer-judged"),
            (
                "history-undo",
                format!("/histories/{}", self.histories.import),
                vec!["import-undo"],
                "import-undo-confirm",
            ),
            ("service-add", tab("/service"), vec!["service-add"], "service-keep"),
            ("service-correct", tab("/service"), vec!["service-correct"], "service-keep"),
            ("save-everything", tab(""), vec!["save-everything"], "save-everything-make"),
            ("save-everything-made", tab(""), vec!["save-everything", "save-everything-make"], "save-everything-made"),
            ("save-customer", tab(""), vec!["save-customer"], "save-customer-make"),
            ("save-fleet", "/".into(), vec!["save-fleet"], "save-fleet-make"),
            ("save-fleet-made", "/".into(), vec!["save-fleet", "save-fleet-make"], "save-fleet-made"),
            ("save-values", tab("/trends"), vec!["save-values"], "save-values-make"),
        ]
    }
}
