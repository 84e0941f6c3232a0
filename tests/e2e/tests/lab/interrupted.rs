//! Enrolments in the middle of which somebody pulls the plug.

use std::time::{Duration, Instant};

use artel_e2e::enrol::{check_admitted, text};
use artel_e2e::{Door, Host, Lab, Random, await_equal};

/// Tries of one newcomer that are cut short.
const KILLS: u32 = 6;
/// Exit code where there is an organisation in the home already.
const HOME_TAKEN: i32 = 2;

/// However often the newcomer's or the administrator's process is killed while one joins: the same code leads in, with one
/// device, and nobody has to help.
#[test]
fn an_enrolment_goes_on_after_kills_on_both_sides() {
    let Some(lab) = Lab::up(6) else { return };
    let anna = lab.host(1);
    anna.found("Ромашка");
    anna.start();
    anna.one(&["channel", "create", "общий"]);
    let mut random = Random::new();
    let mut whole = None;
    let mut all = Vec::new();
    for (at, newcomer) in lab.hosts()[1..].iter().enumerate() {
        let code = text(&anna.invite(newcomer, Door::Open), "code").to_owned();
        match whole {
            // The first tells how long it takes.
            None => {
                let began = Instant::now();
                check_admitted(&newcomer.join(&code, &[]).wait(Duration::from_secs(70)));
                whole = Some(began.elapsed());
            }
            Some(whole) => interrupted(anna, newcomer, &code, at % 2 == 0, whole, &mut random),
        }
        newcomer.start();
        newcomer.await_channel("общий");
        anna.await_devices(newcomer, &["active"]);
        all.push(format!("{} здесь", newcomer.person()));
        newcomer.send("общий", all.last().unwrap());
    }
    for host in lab.hosts() {
        host.await_texts("общий", 60, &all);
        assert!(host.alarms().is_empty(), "{:?}", host.alarms());
    }
    await_equal(&lab.hosts(), 60);
}

/// Joins, with [`KILLS`] tries cut short on the newcomer's side, or on the administrator's.
fn interrupted(anna: &Host, newcomer: &Host, code: &str, at_the_office: bool, whole: Duration, random: &mut Random) {
    let most = u64::try_from(whole.as_millis()).unwrap() * 5 / 4;
    let mut joining = newcomer.join(code, &[]);
    for _ in 0..KILLS {
        std::thread::sleep(Duration::from_millis(random.below(most)));
        if at_the_office {
            anna.kill9();
            anna.start();
        } else {
            joining.kill();
            joining = newcomer.join(code, &[]);
        }
    }
    let outcome = joining.wait(Duration::from_secs(70));
    // One of those that were cut short had told of the admission no more, but kept it.
    if outcome.code != Some(HOME_TAKEN) {
        check_admitted(&outcome);
    }
}
