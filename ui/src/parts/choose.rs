//! Choosing a file that the engine reads: in the window by the system's own dialog or its path, so that a file of any size is read
//! where it lies; in a browser, and by dropping it, as a copy that is sent.

use super::{field::Field, icon, notice};
use crate::{
    backend::{self, BLOB_MAX},
    live::Act,
    words,
};
use leptos::{ev, html, prelude::*};
use roadworthy_api::{Code, Error, import::ImportFile};
use web_sys::{File, FileList};

/// A file that was chosen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picked {
    /// Where the engine finds it.
    pub(crate) file: ImportFile,
    /// Its name.
    pub(crate) name: String,
}

/// What is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    /// The button's label.
    pub(crate) label: &'static str,
    /// Test id of the field; that of the path ends in `-path`.
    pub(crate) id: &'static str,
    /// Endings that the dialog offers first, as in `.dbc`; empty: any.
    pub(crate) accept: &'static str,
    /// It is what the page is about.
    pub(crate) main: bool,
}

/// How far sending is.
#[derive(Clone, Copy)]
struct Sending {
    act: Act,
    done: RwSignal<f64>,
}

impl Sending {
    fn begin(self, files: Option<FileList>, on: Callback<Picked>) {
        let Some(file) = files.and_then(|files| files.get(0)) else { return };
        self.done.set(0.0);
        self.act.run(send(file, self.done), move |picked| on.run(picked));
    }
}

async fn send(file: File, done: RwSignal<f64>) -> Result<Picked, Error> {
    let name = file.name();
    if file.size() > BLOB_MAX {
        let way = if backend::in_window() {
            "choose it by the button or its path"
        } else {
            "import it in Roadworthy's window"
        };
        return Err(Error::new(
            Code::Invalid,
            format!("{name} is larger than 64 MiB, which is the most that can be sent."),
        )
        .hint(format!("Pack it as .gz, or {way}: there a file of any size is read where it lies.")));
    }
    let stored = backend::store(&file, move |part| {
        // The page may be gone by now.
        let _ = done.try_set(part);
    })
    .await?;
    Ok(Picked { file: ImportFile::Stored { hash: stored.hash }, name })
}

/// The last part of a path of any system.
fn last(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}

/// A button for it, in the window with a field for the path; `on` is told what was chosen.
pub(crate) fn choose(asked: Asked, on: Callback<Picked>) -> AnyView {
    let sending = Sending { act: Act::new(), done: RwSignal::new(0.0) };
    let Asked { label, id, accept, main } = asked;
    let class = if main { "button main" } else { "button" };
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        if let Some(input) = input.get_untracked() {
            sending.begin(input.files(), on);
            // Or choosing the same file again would be no change.
            input.set_value("");
        }
    };
    let dialog = move || {
        sending.act.run(backend::pick_file(label), move |path| {
            if let Some(path) = path {
                on.run(Picked { name: last(&path), file: ImportFile::Path { path } });
            }
        });
    };
    let ask = move |_| {
        if backend::in_window() {
            dialog();
        } else if let Some(input) = input.get_untracked() {
            input.click();
        }
    };
    let path = RwSignal::new(String::new());
    let typed = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let path = path.get_untracked().trim().to_owned();
        if !path.is_empty() {
            on.run(Picked { name: last(&path), file: ImportFile::Path { path } });
        }
    };
    let by_path = backend::in_window().then(|| {
        view! {
            <form class="beside path" novalidate on:submit=typed>
                <Field label="Or the path of a file on this computer" id=format!("{id}-path") value=path />
                <button class="button" type="submit" data-testid=format!("{id}-open")>"Open"</button>
            </form>
        }
    });
    let progress = move || {
        (sending.act.busy.get() && !backend::in_window()).then(|| {
            view! {
                <div class="stack tight" role="status">
                    <span class="num muted">{move || words::part_done(sending.done.get())}</span>
                    <progress aria-label="How much of the file is sent" max="1" prop:value=move || sending.done.get()></progress>
                </div>
            }
        })
    };
    view! {
        <div class="buttons">
            <button class=class type="button" data-testid=format!("{id}-button") disabled=move || sending.act.busy.get() on:click=ask>
                {icon::icon(icon::FILE, 20)} {label}
            </button>
            <input node_ref=input type="file" accept=accept hidden data-testid=id aria-label=label on:change=chosen />
        </div>
        {by_path}
        {progress}
        {notice::shown(sending.act.error)}
    }
    .into_any()
}

/// A place to drop a file on, around `inside`.
pub(crate) fn drop_on(on: Callback<Picked>, inside: AnyView) -> AnyView {
    let sending = Sending { act: Act::new(), done: RwSignal::new(0.0) };
    let over = RwSignal::new(false);
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        sending.begin(event.data_transfer().and_then(|d| d.files()), on);
    };
    let dragged = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    view! {
        <section class="panel stack drop" class:over=move || over.get() on:dragover=dragged on:dragleave=move |_| over.set(false) on:drop=dropped>
            {inside}
            {move || sending.act.busy.get().then(|| view! { <span class="num muted" role="status">{words::part_done(sending.done.get())}</span> })}
            {notice::shown(sending.act.error)}
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_the_last_part_of_its_path() {
        for (path, expect) in [("/a/b.csv", "b.csv"), ("C:\\logs\\b.csv", "b.csv"), ("b.csv", "b.csv")] {
            assert_eq!(last(path), expect);
        }
    }
}
