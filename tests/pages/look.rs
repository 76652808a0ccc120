//! How a page is looked at.

use crate::rig::Rig;
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};

/// Waits until nothing is being read any more.
pub(crate) async fn settled(rig: &Rig) {
    let busy = "return document.querySelectorAll('.skeleton, [aria-busy=true]').length";
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if rig.client.execute(busy, vec![]).await.unwrap() == 0 {
            return;
        }
    }
    panic!("{} is still reading: {}", rig.client.current_url().await.unwrap(), rig.text().await);
}

/// Width and height of the page in pixels.
pub(crate) async fn size(rig: &Rig) -> (u32, u32) {
    let size = rig.client.execute("return [innerWidth, innerHeight]", vec![]).await.unwrap();
    let of = |at: usize| size[at].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap();
    (of(0), of(1))
}

async fn theme(rig: &Rig, theme: &str) {
    let script = "document.documentElement.dataset.theme = arguments[0];";
    rig.client.execute(script, vec![json!(theme)]).await.unwrap();
}

/// Serious and critical findings in both themes; counts of all are printed.
pub(crate) async fn axe(rig: &Rig, name: &str) -> Vec<String> {
    let path = std::env::var_os("ROADWORTHY_AXE").map(PathBuf::from);
    let path = path.expect("ROADWORTHY_AXE names axe-core's axe.min.js; ./test stories fetches it");
    let source = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    rig.client.execute(&source, vec![]).await.unwrap();
    let mut problems = Vec::new();
    for which in ["light", "dark"] {
        theme(rig, which).await;
        let script = "const done = arguments[0];
            axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(r => done({passes: r.passes.length, incomplete: r.incomplete.length,
                violations: r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help,
                    nodes: v.nodes.slice(0, 5).map(n => n.html.slice(0, 200) + ' ' + (n.failureSummary || '').slice(0, 300))}))}), e => done({failed: String(e)}));";
        let result = rig.client.execute_async(script, vec![]).await.unwrap();
        assert!(result["failed"].is_null(), "{name}: axe failed: {result}");
        let violations = result["violations"].as_array().unwrap();
        let of = |impact: &str| violations.iter().filter(|v| v["impact"] == impact).count();
        println!(
            "axe {name}, {which}: {} rules passed, {} critical, {} serious, {} moderate, {} minor, {} to be judged by eye",
            result["passes"],
            of("critical"),
            of("serious"),
            of("moderate"),
            of("minor"),
            result["incomplete"]
        );
        for v in violations {
            let line = format!("axe {name}, {which}: {} {}: {} {:#}", v["impact"], v["id"], v["help"], v["nodes"]);
            if v["impact"] == "serious" || v["impact"] == "critical" {
                problems.push(line);
            } else {
                println!("{line}");
            }
        }
    }
    problems
}

/// What a hand could miss: buttons, fields and links that stand alone, less than 44 pixels high or wide.
pub(crate) async fn targets(rig: &Rig, name: &str) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter(e => {
            if (e.closest('[hidden], .skip') || e.hidden || e.closest('dialog:not([open])')) return false;
            const whole = e.closest('label') || e, box = whole.getBoundingClientRect();
            if (box.width === 0 || box.height === 0) return false;
            // A link within a sentence is as high as its line.
            if (e.tagName === 'A' && getComputedStyle(e).display === 'inline') return false;
            return box.height < 43.5 || box.width < 43.5;
        }).map(e => e.outerHTML.slice(0, 160) + ' ' + Math.round((e.closest('label') || e).getBoundingClientRect().width) + '×' + Math.round((e.closest('label') || e).getBoundingClientRect().height));";
    all(rig.client.execute(script, vec![]).await.unwrap(), |line| format!("{name}: a small target: {line}"))
}

/// A page that is wider than the screen.
pub(crate) async fn overflow(rig: &Rig, name: &str, width: u32) -> Vec<String> {
    // A phone widens its window to what it shows, so the width is the one that was asked for.
    let script = "const most = arguments[0], wide = document.documentElement.scrollWidth - most;
        if (wide <= 1) return [];
        const over = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > most + 1);
        return [wide + ' px too wide', ...over.slice(-3).map(e => 'too wide: ' + e.outerHTML.slice(0, 160))];";
    all(rig.client.execute(script, vec![json!(width)]).await.unwrap(), |line| format!("{name}: {line}"))
}

/// A picture in each theme.
pub(crate) async fn pictures(rig: &Rig, name: &str) {
    for which in ["light", "dark"] {
        theme(rig, which).await;
        tokio::time::sleep(Duration::from_millis(150)).await;
        rig.shot(&format!("{name}-{which}")).await;
    }
}

/// Presses Tab from the top of the page and sees that everything is reached, with a focus that is seen.
pub(crate) async fn keyboard(rig: &Rig, name: &str) -> Vec<String> {
    let prepare = "document.activeElement.blur(); window.getSelection().removeAllRanges(); window.scrollTo(0, 0);
        window.unseen = [];
        document.addEventListener('focusin', e => {
            e.target.dataset.reached = 1;
            const style = getComputedStyle(e.target);
            if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) window.unseen.push(e.target.outerHTML.slice(0, 160));
        });";
    rig.client.execute(prepare, vec![]).await.unwrap();
    let missing = "const radios = new Set([...document.querySelectorAll('input[type=radio][data-reached]')].map(e => e.name));
        // Of a page under a dialog nothing is reached.
        const root = document.querySelector('dialog[open]') || document;
        return [...root.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')].filter(e =>
            !e.dataset.reached && !e.disabled && e.tabIndex >= 0 && !e.closest('[hidden], dialog:not([open])') && e.getClientRects().length > 0
            && getComputedStyle(e).visibility !== 'hidden' && !(e.closest('details:not([open])') && e.tagName !== 'SUMMARY')
            && !(e.type === 'radio' && radios.has(e.name))).map(e => e.outerHTML.slice(0, 160));";
    let mut left = Value::Null;
    for _ in 0..40 {
        let body = rig.client.active_element().await.unwrap();
        let tabs: String = std::iter::repeat_n('\u{e004}', 15).collect();
        body.send_keys(&tabs).await.unwrap();
        left = rig.client.execute(missing, vec![]).await.unwrap();
        if left.as_array().is_some_and(Vec::is_empty) {
            break;
        }
    }
    let mut problems = all(left, |line| format!("{name}: Tab does not reach {line}"));
    let unseen = rig.client.execute("return [...new Set(window.unseen)].slice(0, 5)", vec![]).await.unwrap();
    problems.extend(all(unseen, |line| format!("{name}: the focus is not seen on {line}")));
    problems
}

fn all(list: Value, say: impl Fn(&str) -> String) -> Vec<String> {
    list.as_array().unwrap().iter().map(|line| say(line.as_str().unwrap())).collect()
}
