//! Files from window to window: attached, seen, saved, lost on the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egui::{Color32, ColorImage, Event, Key, Modifiers};

use crate::stage::Stage;

/// A picture that does not compress to nothing.
pub(crate) fn picture(path: &Path, width: u32, height: u32) {
    let mut encoder = png::Encoder::new(std::fs::File::create(path).expect("a file"), width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixels: Vec<u8> =
        (0..width * height).flat_map(|at| [(at % 251) as u8, (at / 7 % 241) as u8, (at / width) as u8]).collect();
    encoder.write_header().expect("a head").write_image_data(&pixels).expect("pixels");
}

fn attach(stage: &mut Stage, path: &Path) {
    stage.click("Attach a file");
    stage.write("Path of the file", path.to_str().expect("a path"));
    stage.press(Key::Enter);
    stage.see(&format!("Attached {}", path.file_name().expect("a name").to_str().expect("text")));
}

fn save(stage: &mut Stage, name: &str, to: &Path) {
    stage.click(&format!("More about {name}"));
    stage.click("Save as…");
    stage.replace("Path of the file", to.to_str().expect("a path"));
    stage.press(Key::Enter);
    stage.see_part("Saved: ");
}

fn paths(dir: &Path) -> (PathBuf, PathBuf, PathBuf) {
    let (report, photo, broken) = (dir.join("report.pdf"), dir.join("photo.png"), dir.join("broken.png"));
    std::fs::write(&report, vec![7; 300_000]).expect("written");
    picture(&photo, 640, 400);
    std::fs::write(&broken, b"\x89PNG\r\n\x1a\n and nothing more").expect("written");
    (report, photo, broken)
}

#[test]
fn a_file_and_a_picture_go_to_a_colleague_who_looks_at_them_and_saves() {
    let dir = tempfile::tempdir().expect("a directory");
    let (report, photo, broken) = paths(dir.path());
    let (mut anna, mut boris) = Stage::pair(&[]);
    attach(&mut anna, &report);
    anna.say("Message to general", "The report");
    anna.see("Anna: The report");
    anna.see("Open report.pdf");
    // Let fall on the window, two at once; one of them is no picture in truth.
    anna.drop_files(&[&photo, &broken]);
    anna.see("Attached photo.png");
    anna.click("Do not attach broken.png");
    anna.gone("Attached broken.png");
    anna.drop_files(&[&broken]);
    anna.click("Send");
    boris.see("Open report.pdf");
    boris.see("Picture photo.png, see it large");
    // What cannot be decoded is a card like others.
    boris.see("Open broken.png");
    // The other button is for the file here, not for its message.
    boris.right_click("Open report.pdf");
    boris.see("Show in folder");
    boris.miss("Quote");
    boris.press(Key::Escape);
    boris.gone("Show in folder");
    save(&mut boris, "report.pdf", &dir.path().join("got.pdf"));
    assert_eq!(std::fs::read(dir.path().join("got.pdf")).expect("saved"), vec![7; 300_000]);
    // The picture by keys: seen, left, saved.
    boris.click("Picture photo.png, see it large");
    boris.see("Picture viewer");
    boris.see("photo.png");
    boris.press(Key::Plus);
    boris.press(Key::Escape);
    boris.gone("Picture viewer");
    save(&mut boris, "photo.png", &dir.path().join("got.png"));
    assert_eq!(std::fs::read(dir.path().join("got.png")).expect("saved"), std::fs::read(&photo).expect("sent"));
    // Nothing is overwritten.
    boris.click("More about photo.png");
    boris.click("Save as…");
    boris.replace("Path of the file", dir.path().join("got.png").to_str().expect("a path"));
    boris.press(Key::Enter);
    boris.see_part("got.png: ");
    boris.click("More about report.pdf");
    boris.click("Remove from this computer");
    boris.see_part("removed from this computer");
}

#[test]
fn a_gif_is_a_picture_too() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("dot.gif");
    // One white point, as the smallest GIF there is says it.
    let mut gif = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00".to_vec();
    gif.extend(b"\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b");
    std::fs::write(&path, gif).expect("written");
    let mut anna = Stage::office("en");
    anna.click_part("general");
    anna.drop_files(&[&path]);
    anna.see("Attached dot.gif");
    anna.press(Key::Enter);
    anna.see("Picture dot.gif, see it large");
}

/// Frames that change colour twenty times a second.
fn moving(path: &Path) {
    let mut encoder = image::codecs::gif::GifEncoder::new(std::fs::File::create(path).expect("a file"));
    let frames = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]].map(|color| {
        let canvas = image::RgbaImage::from_pixel(300, 200, image::Rgba(color));
        image::Frame::from_parts(canvas, 0, 0, image::Delay::from_numer_denom_ms(50, 1))
    });
    encoder.encode_frames(frames).expect("frames");
}

/// Pictures that were given to the window in this time.
fn given_in(stage: &mut Stage, time: Duration) -> usize {
    let before = stage.pictures_given();
    stage.rest(time);
    stage.pictures_given() - before
}

#[test]
fn a_gif_moves_while_somebody_looks_at_it_and_stands_still_otherwise() {
    const A_WHILE: Duration = Duration::from_millis(900);
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("dance.gif");
    moving(&path);
    let mut anna = Stage::office("en");
    anna.click_part("general");
    anna.drop_files(&[&path]);
    anna.see("Attached dance.gif");
    anna.press(Key::Enter);
    let picture = "Picture dance.gif, see it large";
    anna.see(picture);
    anna.hover("Message to general");
    anna.rest(A_WHILE);
    assert_eq!(given_in(&mut anna, A_WHILE), 0, "it moves though nobody looks");
    anna.hover(picture);
    assert!(4 < given_in(&mut anna, A_WHILE), "it does not move under the pointer");
    // Another window is in front.
    anna.focus(false);
    anna.rest(A_WHILE);
    assert_eq!(given_in(&mut anna, A_WHILE), 0, "it moves in a window that is not in front");
    anna.focus(true);
    anna.click(picture);
    anna.see("Picture viewer");
    anna.rest(A_WHILE);
    assert!(4 < given_in(&mut anna, A_WHILE), "it does not move in the viewer");
    anna.press(Key::Escape);
    anna.hover("Message to general");
    anna.rest(A_WHILE);
    assert_eq!(given_in(&mut anna, A_WHILE), 0, "it moves after it was left");
}

#[test]
fn a_text_is_pasted_and_the_picture_beside_it_is_offered() {
    let mut anna = Stage::office("en");
    anna.click_part("general");
    let (field, offer) = ("Message to general", "The clipboard holds a picture too");
    let paste = |anna: &mut Stage, text: &str| {
        anna.focus_field(field);
        anna.event(Event::Paste(text.to_owned()));
    };
    // Text alone.
    anna.clipboard_holds(|| None);
    paste(&mut anna, "plain ");
    anna.reads(field, "plain ");
    anna.rest(Duration::from_millis(300));
    anna.miss(offer);
    // Cells of a table: text, and what they look like.
    anna.clipboard_holds(|| Some(ColorImage::filled([60, 40], Color32::RED)));
    paste(&mut anna, "1, 2");
    anna.reads(field, "plain 1, 2");
    anna.see(offer);
    anna.miss("Attached Snapshot.png");
    anna.click("No");
    anna.gone(offer);
    anna.miss("Attached Snapshot.png");
    paste(&mut anna, ", 3");
    anna.click("Attach the picture");
    anna.see("Attached Snapshot.png");
    anna.gone(offer);
    anna.focus_field(field);
    anna.press(Key::Enter);
    anna.see("Anna Falk: plain 1, 2, 3");
    anna.see("Picture Snapshot.png, see it large");
    // The offer goes with the message.
    paste(&mut anna, "again");
    anna.see(offer);
    anna.focus_field(field);
    anna.press(Key::Enter);
    anna.see("Anna Falk: again");
    anna.gone(offer);
    anna.miss("Attached Snapshot.png");
}

#[test]
fn what_is_in_the_clipboard_goes_as_a_picture() {
    let mut anna = Stage::office("en");
    anna.click_part("general");
    anna.focus_field("Message to general");
    let image = ColorImage::filled([120, 90], Color32::RED);
    anna.event(Event::PasteImage(Arc::new(image)));
    anna.see("Attached Snapshot.png");
    anna.press(Key::Enter);
    anna.see("Picture Snapshot.png, see it large");
    anna.gone("Attached Snapshot.png");
}

#[test]
fn a_file_that_vanishes_is_told_by_name_and_the_text_comes_back() {
    let dir = tempfile::tempdir().expect("a directory");
    let (report, ..) = paths(dir.path());
    let mut anna = Stage::office("en");
    anna.click_part("general");
    anna.press_with(Modifiers::COMMAND, Key::U);
    anna.write("Path of the file", report.to_str().expect("a path"));
    anna.press(Key::Enter);
    anna.see("Attached report.pdf");
    std::fs::remove_file(&report).expect("removed");
    anna.say("Message to general", "Look at this");
    anna.see_part("report.pdf: ");
    anna.gone("Attached report.pdf");
    assert_eq!(anna.value("Message to general"), "Look at this");
    // A path that leads nowhere, and one to a folder.
    for (path, said) in [(&report, "There is no such file"), (&dir.path().to_path_buf(), "A folder cannot")] {
        anna.click("Attach a file");
        anna.write("Path of the file", path.to_str().expect("a path"));
        anna.press(Key::Enter);
        anna.see_part(said);
    }
}

#[test]
fn a_file_that_nobody_has_waits_and_can_be_stopped() {
    let dir = tempfile::tempdir().expect("a directory");
    let plan = dir.path().join("plan.zip");
    std::fs::write(&plan, vec![3; 3_000_000]).expect("written");
    let (mut anna, mut boris) = Stage::pair(&[]);
    attach(&mut anna, &plan);
    anna.click("Send");
    boris.see("Open plan.zip");
    anna.leave();
    boris.see_part("Nobody else is on");
    boris.click("Save plan.zip");
    boris.see_part("Waits for somebody who has it");
    boris.click("Stop: plan.zip");
    boris.see("Save plan.zip");
    boris.rest(Duration::from_millis(200));
}
