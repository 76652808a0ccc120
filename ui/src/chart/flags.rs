//! Events beside a chart: each where it happened, several in one place as one.

use super::axis::View;
use roadworthy_api::Timestamp;

/// Events so close that one finger cannot tell them apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cluster {
    /// Where, in pixels: the first of them.
    pub(crate) x: f64,
    /// Places of its events among all.
    pub(crate) of: Vec<usize>,
    /// Pixels to the next cluster, or to the right end.
    pub(crate) room: f64,
}

/// Clusters of the moments that `view` shows, each at least `apart` pixels from the next.
pub(crate) fn clusters(moments: &[Timestamp], view: View, width: f64, apart: f64) -> Vec<Cluster> {
    let mut shown: Vec<(f64, usize)> =
        moments.iter().enumerate().filter(|(_, at)| view.holds(**at)).map(|(n, at)| (view.x(*at, width), n)).collect();
    shown.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut all: Vec<Cluster> = Vec::new();
    for (x, n) in shown {
        match all.last_mut() {
            Some(before) if x - before.x < apart => before.of.push(n),
            _ => all.push(Cluster { x, of: vec![n], room: 0.0 }),
        }
    }
    let next: Vec<f64> = all.iter().skip(1).map(|c| c.x).chain([width + apart / 2.0]).collect();
    for (cluster, next) in all.iter_mut().zip(next) {
        cluster.room = next - cluster.x;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_close_for_a_finger_is_one() {
        let view = View { from: 0, to: 1000 };
        for (moments, expect) in [
            (&[100, 500, 900][..], vec![vec![0], vec![1], vec![2]]),
            (&[100, 110, 500], vec![vec![0, 1], vec![2]]),
            (&[500, 110, 100], vec![vec![2, 1], vec![0]]),
            (&[-5, 1005], vec![]),
            (&[100, 140, 500], vec![vec![0, 1], vec![2]]),
        ] {
            let found = clusters(moments, view, 1000.0, 44.0);
            assert!(found.windows(2).all(|w| w[1].x - w[0].x >= 44.0), "{found:?}");
            assert_eq!(found.into_iter().map(|c| c.of).collect::<Vec<_>>(), expect, "{moments:?}");
        }
    }

    #[test]
    fn none_is_lost_however_many_there_are() {
        let moments: Vec<i64> = (0..300).map(|n| n * 7919 % 1000).collect();
        let found = clusters(&moments, View { from: 0, to: 1000 }, 700.0, 44.0);
        assert_eq!(found.iter().map(|c| c.of.len()).sum::<usize>(), 300);
        assert!(found.windows(2).all(|w| w[1].x - w[0].x >= 44.0));
    }
}
