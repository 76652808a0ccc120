//! Approving or refusing what the rules ask.

use crate::{
    backend::call,
    live::Act,
    parts::{field::Field, icon, notice, toast::Toasts},
};
use leptos::prelude::*;
use roadworthy_api::{alert::DecisionState, calls::AnswerDecision, id::DecisionId};

/// The two buttons, with a note that goes along.
#[component]
pub(super) fn Answer(
    /// Which decision.
    decision: DecisionId,
) -> impl IntoView {
    let (act, note) = (Act::new(), RwSignal::new(String::new()));
    let answer = move |approve: bool| {
        let asked = AnswerDecision { decision, approve, note: note.get_untracked().trim().to_owned() };
        act.run(call(asked), |row| {
            // What came of it, since another person may have been quicker.
            let said = match row.state {
                DecisionState::Approved { .. } => format!("Approved: {}", row.title),
                DecisionState::Refused { .. } => format!("Refused: {}", row.title),
                other => crate::words::decision_state(&other),
            };
            Toasts::here().say(said);
        });
    };
    view! {
        <div class="stack">
            <Field label="Note (optional)" id=format!("note-{decision}") value=note help="An answer cannot be taken back; a later finding asks anew." />
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="button" data-testid="approve" disabled=move || act.busy.get() on:click=move |_| answer(true)>
                    {icon::icon(icon::TICK, 20)} "Approve"
                </button>
                <button class="button" type="button" data-testid="refuse" disabled=move || act.busy.get() on:click=move |_| answer(false)>
                    {icon::icon(icon::CLOSE, 20)} "Refuse"
                </button>
            </div>
        </div>
    }
}
