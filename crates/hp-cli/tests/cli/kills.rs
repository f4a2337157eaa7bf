//! `hp serve` killed under load: every prediction that was acknowledged is in the log, exactly once.

use crate::support::{Api, Project, ROW};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

const KILLS: usize = 6;
const CLIENTS: usize = 4;

#[test]
fn what_was_acknowledged_outlasts_a_kill() {
    let project = Project::trained();
    let acknowledged = Mutex::new(Vec::new());
    for kill in 1..=KILLS {
        let api = Api::start(&project);
        let answered = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..CLIENTS {
                scope.spawn(|| {
                    while let Some(answer) = api.send("POST", "/v1/predict", ROW) {
                        assert_eq!(answer.status, 200, "{}", answer.body);
                        let id = answer.json()["id"].as_str().unwrap().to_owned();
                        acknowledged.lock().unwrap().push(id);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            // Each time at another moment.
            while answered.load(Ordering::Relaxed) < 7 * kill {
                thread::yield_now();
            }
            api.signal("KILL");
        });
        assert_eq!(api.wait(), None);
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() > KILLS * CLIENTS);

    let list = project
        .hp("log list --limit 1000000 --format json")
        .expect(0);
    let list = list.json();
    let records = list.as_array().unwrap();
    let kept: BTreeSet<_> = records
        .iter()
        .map(|record| record["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kept.len(), records.len());
    for id in &acknowledged {
        assert!(kept.contains(id), "{id} was lost");
    }
    let distinct: BTreeSet<_> = acknowledged.iter().collect();
    assert_eq!(distinct.len(), acknowledged.len());
    // Besides, at most what each kill left unanswered.
    let most = acknowledged.len() + KILLS * CLIENTS;
    assert!(kept.len() <= most, "{} of at most {most}", kept.len());
    let stats = project.hp("log stats --format json").expect(0).json();
    let counted = stats.as_array().unwrap().iter();
    let counted: u64 = counted
        .map(|day| day["predictions"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, kept.len() as u64);
}
