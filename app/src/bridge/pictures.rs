//! Reading and decoding pictures beside everything else: few at a time, each within limits.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use artel_node::client::{ErrorKind, Reply, Request};
use artel_node::files::picture::{self, BadPicture};
use artel_node::node::Client;
use egui::ColorImage;
use tokio::sync::Semaphore;

use crate::pictures::{Bad, Key, LARGE_SIDE, MIDDLE_SIDE, SHOWN_BYTES_MAX};

/// Pictures decoded at once: each may take a hundred megabytes for a moment.
const AT_ONCE: usize = 2;

/// Where pictures are decoded.
pub(super) struct Desk(Arc<Semaphore>);

impl Default for Desk {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Desk {
    /// Reads a picture, fetching it from a colleague where it is not here.
    pub(super) fn read(&self, client: Client, key: Key) -> impl Future<Output = Result<ColorImage, Bad>> + use<> {
        let free = Arc::clone(&self.0);
        async move {
            let large = matches!(key, Key::Large(_));
            let bytes = bytes(client, key).await?;
            let _one = free.acquire_owned().await.map_err(|_| Bad::Away)?;
            let side = match large {
                true => LARGE_SIDE,
                false => MIDDLE_SIDE,
            };
            let decoded = tokio::task::spawn_blocking(move || decode(bytes, side)).await;
            decoded.unwrap_or(Err(Bad::Broken))
        }
    }
}

/// The bytes of a picture, fetched from a colleague where they are not here.
pub(super) async fn bytes(client: Client, key: Key) -> Result<Vec<u8>, Bad> {
    let request = match key {
        Key::Small(id) => Request::FileThumbnail { id },
        Key::Person { email, .. } => Request::PersonPicture { email },
        Key::Middle(id) | Key::Large(id) => {
            fetch(&client, &id).await?;
            Request::FileBytes { id, limit: SHOWN_BYTES_MAX }
        }
    };
    match client.request(request).await {
        Ok(Reply::Bytes(bytes)) => Ok(bytes),
        Err(error) if error.kind == ErrorKind::Usage => Err(Bad::TooLarge),
        _ => Err(Bad::Away),
    }
}

/// Waits until a file is here whole.
async fn fetch(client: &Client, id: &str) -> Result<(), Bad> {
    let mut steps = client.stream(Request::FileGet { id: id.to_owned(), out: None }).await.map_err(|_| Bad::Away)?;
    while let Some(step) = steps.recv().await {
        match step {
            Ok(Reply::Transfer(transfer)) if transfer.state == "done" => return Ok(()),
            Ok(_) => {}
            Err(_) => return Err(Bad::Away),
        }
    }
    Err(Bad::Away)
}

/// Decodes a picture and makes it no larger than it is shown. Blocks.
fn decode(bytes: Vec<u8>, side: u32) -> Result<ColorImage, Bad> {
    // A decoder that panics costs its picture, nothing else.
    let decoded =
        catch_unwind(AssertUnwindSafe(|| picture::decode(Cursor::new(bytes)))).unwrap_or(Err(BadPicture::Broken));
    let picture = decoded.map_err(|why| match why {
        BadPicture::Unknown => Bad::Unknown,
        BadPicture::TooLarge { .. } => Bad::TooLarge,
        BadPicture::Broken => Bad::Broken,
    })?;
    let larger = side < picture.width().max(picture.height());
    let pixels = if larger { picture.thumbnail(side, side).into_rgba8() } else { picture.into_rgba8() };
    let size = [pixels.width(), pixels.height()].map(|it| usize::try_from(it).unwrap_or(0));
    Ok(ColorImage::from_rgba_unmultiplied(size, pixels.as_raw()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bomb_and_a_broken_picture_are_refused_and_a_large_one_is_made_smaller() {
        let mut bomb = Vec::new();
        let mut encoder = png::Encoder::new(&mut bomb, 24_000, 1_001);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder.write_header().expect("a head").write_image_data(&vec![0; 3_000 * 1_001]).expect("pixels");
        assert!(bomb.len() < 10_000, "{}", bomb.len());
        assert_eq!(decode(bomb, 100), Err(Bad::TooLarge));
        let mut good = Vec::new();
        let mut encoder = png::Encoder::new(&mut good, 300, 200);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header().expect("a head").write_image_data(&[7; 300 * 200 * 3]).expect("pixels");
        assert_eq!(decode(good.clone(), 100).expect("decoded").size, [100, 67]);
        let half = good.len() / 2;
        good.truncate(half);
        assert_eq!(decode(good, 100), Err(Bad::Broken));
        assert_eq!(decode(b"no picture at all".to_vec(), 100), Err(Bad::Unknown));
    }
}
