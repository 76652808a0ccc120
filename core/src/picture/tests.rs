use super::*;
use image::{ImageEncoder, Rgb, Rgba, RgbaImage};

/// Red above, blue below.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |_, y| if y < height / 2 { Rgb([220, 10, 10]) } else { Rgb([10, 10, 220]) })
}

/// EXIF with nothing but an orientation (tag 0x0112, a short), little endian.
fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    bytes.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

fn jpeg(image: &RgbImage, orientation: Option<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    if let Some(orientation) = orientation {
        encoder.set_exif_metadata(exif(orientation)).unwrap();
    }
    encoder.encode_image(image).unwrap();
    bytes
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn pixel(thumbnail: &[u8], x: u32, y: u32) -> &'static str {
    let Rgb([r, g, b]) = *image::load_from_memory(thumbnail).unwrap().to_rgb8().get_pixel(x, y);
    match (r > 128, g > 128, b > 128) {
        (true, false, false) => "red",
        (false, false, true) => "blue",
        (true, true, true) => "white",
        _ => "other",
    }
}

#[test]
fn every_format_gives_its_size_and_a_small_copy() {
    let image = DynamicImage::from(flag(1000, 600));
    for (format, media) in
        [(ImageFormat::Jpeg, "image/jpeg"), (ImageFormat::Png, "image/png"), (ImageFormat::WebP, "image/webp")]
    {
        let picture = read(&written(&image, format)).unwrap();
        assert_eq!((picture.media, picture.width, picture.height), (media, 1000, 600));
        let small = image::load_from_memory(&picture.thumbnail).unwrap();
        assert_eq!((small.width(), small.height()), (480, 288), "{media}");
        assert_eq!(image::guess_format(&picture.thumbnail).unwrap(), ImageFormat::Jpeg);
        assert_eq!((pixel(&picture.thumbnail, 10, 10), pixel(&picture.thumbnail, 10, 280)), ("red", "blue"), "{media}");
    }
    let tiny = read(&written(&flag(20, 10).into(), ImageFormat::Png)).unwrap();
    let small = image::load_from_memory(&tiny.thumbnail).unwrap();
    assert_eq!((small.width(), small.height()), (20, 10), "because nothing is blown up");
}

#[test]
fn a_thumbnail_stands_upright_as_exif_says() {
    // Where the red half lies once the picture is upright (TIFF 6.0: the 0th row and column are at …).
    for (orientation, size, red) in [
        (1, (600, 400), (300, 20)),
        (2, (600, 400), (300, 20)),
        (3, (600, 400), (300, 380)),
        (4, (600, 400), (300, 380)),
        (5, (400, 600), (20, 300)),
        (6, (400, 600), (380, 300)),
        (7, (400, 600), (380, 300)),
        (8, (400, 600), (20, 300)),
        (9, (600, 400), (300, 20)),
    ] {
        let picture = read(&jpeg(&flag(600, 400), Some(orientation))).unwrap();
        assert_eq!((picture.width, picture.height), size, "{orientation}");
        let (x, y) = (red.0 * 480 / 600, red.1 * 480 / 600);
        assert_eq!(pixel(&picture.thumbnail, x, y), "red", "{orientation}");
    }
}

#[test]
fn what_shines_through_is_white() {
    let clear = RgbaImage::from_pixel(30, 30, Rgba([0, 0, 0, 0]));
    let picture = read(&written(&clear.into(), ImageFormat::Png)).unwrap();
    assert_eq!(pixel(&picture.thumbnail, 15, 15), "white");
}

#[test]
fn what_is_no_photo_is_refused_whatever_its_name() {
    let png = written(&flag(40, 40).into(), ImageFormat::Png);
    for bytes in [
        &b""[..],
        b"roadworthy-traffic 1\n",
        b"GIF89a\x01\0\x01\0",
        b"%PDF-1.7",
        b"<svg/>",
        b"\xff\xd8\xff",
        &png[..60],
    ] {
        let error = read(bytes).unwrap_err();
        assert_eq!((error.code, error.hint.is_empty()), (Code::Invalid, false), "{bytes:?}");
    }
    // The last chunk, of twelve bytes, only says that it is the last.
    for cut in (0..png.len() - 12).step_by(7) {
        assert!(read(&png[..cut]).is_err(), "{cut} of {} bytes", png.len());
    }
    let jpeg = jpeg(&flag(40, 40), Some(6));
    for cut in (0..jpeg.len()).step_by(7) {
        assert!(read(&jpeg[..cut]).is_err(), "{cut} of {} bytes", jpeg.len());
    }
    assert!(read(&[&jpeg[..], b"what some phones append"].concat()).is_ok());
    let mut long = png.clone();
    long.resize(BYTES_MAX + 1, 0);
    assert!(read(&long).unwrap_err().message.contains("64 MiB"));
}

#[test]
fn any_flipped_byte_of_a_photo_is_a_picture_or_an_error() {
    for bytes in [
        jpeg(&flag(64, 48), Some(6)),
        written(&flag(64, 48).into(), ImageFormat::Png),
        written(&flag(64, 48).into(), ImageFormat::WebP),
    ] {
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << (at % 8);
            if let Err(error) = read(&bytes) {
                assert_eq!(error.code, Code::Invalid);
            }
        }
    }
}

#[test]
fn a_few_bytes_that_claim_to_be_huge_fill_no_memory() {
    let mut png = written(&flag(8, 8).into(), ImageFormat::Png);
    png[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let crc = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    let mut jpeg = jpeg(&flag(8, 8), None);
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    for bytes in [png, jpeg] {
        let error = read(&bytes).unwrap_err();
        assert!(error.message.contains("larger than can be handled") || error.message.contains("imit"), "{error:?}");
    }
}

#[test]
fn a_progressive_photo_counts_with_what_is_kept_until_its_last_scan() {
    // No more than headers: the size alone decides.
    let progressive = |side: u16| {
        let mut bytes = b"\xff\xd8\xff\xc2\x00\x11\x08".to_vec();
        bytes.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
        bytes.extend(b"\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00");
        bytes.extend(b"\xff\xda\x00\x0c\x03\x01\x00\x02\x00\x03\x00\x00\x00\x00\xff\xd9");
        bytes
    };
    assert_eq!((coefficients(&progressive(9000)), coefficients(&jpeg(&flag(8, 8), None))), (Some(6), Some(0)));
    assert!(read(&progressive(9000)).unwrap_err().message.contains("larger than can be handled"));
}

/// CRC of a PNG chunk (ISO 15948, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, b| {
        (0..8).fold(crc ^ u32::from(*b), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
