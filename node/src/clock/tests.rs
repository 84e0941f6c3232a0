//! Tests of the clock.

use super::*;

#[test]
fn the_median_needs_three_members_and_shrugs_off_one_liar() {
    assert_eq!(median_offset(&[]), None);
    assert_eq!(median_offset(&[5, 7]), None);
    assert_eq!(median_offset(&[30, 10, 20]), Some(20));
    assert_eq!(median_offset(&[10, i64::MAX, 12]), Some(12));
    assert_eq!(median_offset(&[10, 20, 30, 40]), Some(25));
    assert_eq!(median_offset(&[i64::MIN, i64::MIN, i64::MAX, i64::MAX]), Some(0));
}

#[test]
fn a_gap_between_the_clocks_is_a_jump_and_an_even_second_is_not() {
    let wall = 1_000_000;
    let at = |ms: u64| Timestamp(wall + ms);
    let steady = Instant::now();
    let mut watch = WakeWatch::new(at(0), steady);
    let second = Duration::from_secs(1);

    assert_eq!(watch.observe(at(1_000), steady + second), None);
    assert_eq!(watch.observe(at(62_000), steady + second * 2), Some(Jump::Clock(60_000)));
    assert_eq!(watch.observe(at(63_000), steady + second * 3), None);
    assert_eq!(watch.observe(at(3_000), steady + second * 4), Some(Jump::Clock(-61_000)));
    assert_eq!(watch.observe(at(13_000), steady + second * 14), Some(Jump::Pause(second * 10)));
    assert_eq!(watch.observe(at(18_900), steady + second * 15), None);
}

#[test]
fn a_fixed_offset_moves_the_clock_both_ways() {
    let plain = Clock::system().now();
    let ahead = Clock::with_offset("3600000".as_ref()).now();
    let behind = Clock::with_offset("-3600000".as_ref()).now();
    assert!((3_600_000..3_605_000).contains(&distance(plain, ahead)));
    assert!((-3_600_000..-3_595_000).contains(&distance(plain, behind)));
}

#[test]
fn an_offset_file_moves_a_running_clock() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("сдвиг часов");
    let file = OffsetFile { path: path.clone(), last: Mutex::new((None, 0)) };
    let start = Instant::now();
    assert_eq!(file.read(start), 0);
    std::fs::write(&path, "-7200000\n").unwrap();
    assert_eq!(file.read(start + Duration::from_millis(900)), 0, "read at most once a second");
    assert_eq!(file.read(start + Duration::from_millis(1_000)), -7_200_000);
    std::fs::write(&path, "5").unwrap();
    assert_eq!(file.read(start + Duration::from_millis(2_000)), 5);
}
