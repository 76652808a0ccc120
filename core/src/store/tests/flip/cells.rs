//! Where the bytes of a table's rows lie in the file: enough of the format (https://www.sqlite.org/fileformat2.html) to find
//! the cells of tables with a rowid.

/// A row's record.
pub(super) struct Cell {
    pub(super) rowid: i64,
    /// Places in the file of the record's header (types and lengths of its columns), then of its body (their values).
    pub(super) header: Vec<usize>,
    pub(super) body: Vec<usize>,
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b))
}

/// A variable-length integer and the bytes it takes.
fn varint(bytes: &[u8]) -> (u64, usize) {
    let mut value = 0;
    for (n, byte) in bytes.iter().enumerate().take(8) {
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return (value, n + 1);
        }
    }
    (value << 8 | u64::from(bytes[8]), 9)
}

/// Every cell of the table whose tree begins at a page.
pub(super) fn of(file: &[u8], root: usize) -> Vec<Cell> {
    let mut cells = Vec::new();
    walk(file, root, &mut cells);
    cells
}

fn page_size(file: &[u8]) -> usize {
    match number(&file[16..18]) {
        1 => 65_536,
        size => size,
    }
}

fn walk(file: &[u8], page: usize, cells: &mut Vec<Cell>) {
    let start = (page - 1) * page_size(file);
    let head = start + if page == 1 { 100 } else { 0 };
    let count = number(&file[head + 3..head + 5]);
    let place = |list: usize, n: usize| start + number(&file[list + 2 * n..list + 2 * n + 2]);
    match file[head] {
        0x05 => {
            for n in 0..count {
                let child = place(head + 12, n);
                walk(file, number(&file[child..child + 4]), cells);
            }
            walk(file, number(&file[head + 8..head + 12]), cells);
        }
        0x0d => cells.extend((0..count).map(|n| cell(file, place(head + 8, n)))),
        other => panic!("page {page} has the kind {other}, which is none of a table"),
    }
}

fn cell(file: &[u8], at: usize) -> Cell {
    let (length, a) = varint(&file[at..]);
    let (rowid, b) = varint(&file[at + a..]);
    let (length, begin) = (usize::try_from(length).unwrap(), at + a + b);
    let usable = page_size(file) - usize::from(file[20]);
    let (most, least) = (usable - 35, (usable - 12) * 32 / 255 - 23);
    let here = if length <= most {
        length
    } else {
        let here = least + (length - least) % (usable - 4);
        if here <= most { here } else { least }
    };
    let mut places: Vec<usize> = (begin..begin + here).collect();
    let mut next = if here < length { number(&file[begin + here..begin + here + 4]) } else { 0 };
    while places.len() < length {
        let start = (next - 1) * page_size(file);
        let part = (length - places.len()).min(usable - 4);
        places.extend(start + 4..start + 4 + part);
        next = number(&file[start..start + 4]);
    }
    let (header, _) = varint(&file[begin..]);
    let body = places.split_off(usize::try_from(header).unwrap());
    Cell { rowid: rowid.cast_signed(), header: places, body }
}
