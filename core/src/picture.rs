//! Photos: whether a file really is one, its size, and a small upright copy of it.
//!
//! What a file is decides its content, never its name. Nothing is decoded before its size is known to be bearable: a few bytes
//! can claim to be a picture that fills any memory. One picture is decoded at a time, so that several at once do not add up.

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder,
    metadata::Orientation,
};
use roadworthy_api::{Code, Error, Result};
use std::{
    io::Cursor,
    sync::{Mutex, PoisonError},
};

/// Most bytes of a file.
pub const BYTES_MAX: usize = 64 << 20;
/// Most pixels: what phones and cameras of today take at their most, a file of some 40 MB.
pub const PIXELS_MAX: u64 = 120_000_000;
/// Most bytes that decoding may take.
const MEMORY_MAX: u64 = 512 << 20;
/// Pixels of a thumbnail's longer side.
pub const THUMBNAIL: u32 = 480;
/// JPEG quality of thumbnails, of 100.
const QUALITY: u8 = 82;

static DECODING: Mutex<()> = Mutex::new(());

/// What is known of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Media type by its content.
    pub media: &'static str,
    /// Width in pixels, upright.
    pub width: u32,
    /// Height in pixels, upright.
    pub height: u32,
    /// A JPEG of at most [`THUMBNAIL`] pixels a side, upright.
    pub thumbnail: Vec<u8>,
}

fn invalid(why: &str) -> Error {
    Error::new(Code::Invalid, why).hint("Choose a photo as JPEG, PNG or WebP, or save this one as such.")
}

fn too_large(width: u32, height: u32) -> Error {
    Error::new(Code::Invalid, format!("A photo of {width} x {height} pixels is larger than can be handled."))
        .hint("Save it smaller: up to 120 million pixels.")
}

/// Reads a photo.
///
/// # Errors
/// [`Code::Invalid`] for what is no JPEG, PNG or WebP, is damaged, or is larger than [`BYTES_MAX`] or [`PIXELS_MAX`].
pub fn read(bytes: &[u8]) -> Result<Picture> {
    if bytes.len() > BYTES_MAX {
        return Err(Error::new(Code::Invalid, "A photo has at most 64 MiB.").hint("Save it smaller."));
    }
    let media = match image::guess_format(bytes) {
        Ok(ImageFormat::Jpeg) => "image/jpeg",
        Ok(ImageFormat::Png) => "image/png",
        Ok(ImageFormat::WebP) => "image/webp",
        _ => return Err(invalid("The file is no photo: its content is neither JPEG, PNG nor WebP.")),
    };
    let broken = |e: image::ImageError| invalid(&format!("The photo is damaged ({e})."));
    // The decoder fills what is missing with grey.
    let extra = match media {
        "image/jpeg" => coefficients(bytes).ok_or_else(|| invalid("The photo is damaged: its file ends too early."))?,
        _ => 0,
    };
    let _alone = DECODING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|e| broken(e.into()))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if pixels > PIXELS_MAX || decoder.total_bytes().saturating_add(pixels * extra) > MEMORY_MAX {
        return Err(too_large(width, height));
    }
    // A file whose orientation cannot be read is shown as it lies.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let whole = DynamicImage::from_decoder(decoder).map_err(broken)?;
    let mut small = if width.max(height) > THUMBNAIL { whole.thumbnail(THUMBNAIL, THUMBNAIL) } else { whole };
    small.apply_orientation(orientation);
    let mut thumbnail = Vec::new();
    JpegEncoder::new_with_quality(&mut thumbnail, QUALITY).encode_image(&on_white(&small)).map_err(broken)?;
    let turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let (width, height) = if turned { (height, width) } else { (width, height) };
    Ok(Picture { media, width, height, thumbnail })
}

/// Bytes that decoding a JPEG holds for each pixel beside the picture itself: a progressive one comes in several scans, so two
/// bytes of each component are kept until the last. `None`: it ends before its end is said (ITU-T T.81, annex B).
fn coefficients(bytes: &[u8]) -> Option<u64> {
    let (mut at, mut held) = (2, 0);
    loop {
        // What stands between two segments belongs to a scan.
        at += bytes.get(at..)?.iter().position(|b| *b == 0xff)? + 1;
        let marker = *bytes.get(at)?;
        match marker {
            // A fill byte: the marker is still to come.
            0xff => continue,
            0xd9 => return Some(held),
            // A stuffed byte and markers that stand alone.
            0x00 | 0x01 | 0xd0..=0xd8 => {
                at += 1;
                continue;
            }
            // Start of a progressive frame: length, precision, height, width, components.
            0xc2 | 0xc6 | 0xca | 0xce => held = 2 * u64::from(*bytes.get(at + 8)?),
            _ => {}
        }
        let length = u16::from_be_bytes([*bytes.get(at + 1)?, *bytes.get(at + 2)?]);
        at += 1 + usize::from(length.max(2));
    }
}

/// Without transparency, which JPEG does not have.
fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let seen = |colour: u8, alpha: u8| {
        let (colour, alpha) = (u32::from(colour), u32::from(alpha));
        u8::try_from((colour * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
    };
    let rgba = image.to_rgba8();
    let mut rgb = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in rgb.pixels_mut().zip(rgba.pixels()) {
        let [r, g, b, a] = from.0;
        to.0 = [seen(r, a), seen(g, a), seen(b, a)];
    }
    rgb
}

#[cfg(test)]
mod tests;
