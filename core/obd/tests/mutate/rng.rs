//! A small seeded generator, so that a failure can be repeated.

/// xorshift64*.
pub(crate) struct Rng(u64);

impl Rng {
    /// The generator of one parser, and how many mutants it makes.
    pub(crate) fn start(parser: &str) -> (Self, usize) {
        let read = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
        let (mutants, seed) = (read("ROADWORTHY_MUTANTS", 100_000), read("ROADWORTHY_SEED", 20_260));
        println!("{parser}: {mutants} mutants, seed {seed}");
        (Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1), mutants as usize)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// 0 to `n` - 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n.max(1)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        (self.next() >> 40) as u8
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One to three small damages to a row of anything.
    pub(crate) fn damage<T: Clone>(&mut self, row: &mut Vec<T>, fresh: &mut impl FnMut(&mut Self, Option<&T>) -> T) {
        for _ in 0..=self.below(3) {
            let at = self.below(row.len());
            match self.below(8) {
                0 if !row.is_empty() => {
                    row.remove(at);
                }
                1 => {
                    let new = fresh(self, None);
                    row.insert(at, new);
                }
                2 => row.truncate(at),
                3 if !row.is_empty() => {
                    let end = (at + 1 + self.below(8)).min(row.len());
                    let copy = row[at..end].to_vec();
                    row.splice(at..at, copy);
                }
                4 if !row.is_empty() => {
                    let other = self.below(row.len());
                    row.swap(at, other);
                }
                5 => {
                    let new = fresh(self, None);
                    row.push(new);
                }
                _ if !row.is_empty() => row[at] = fresh(self, row.get(at).cloned().as_ref()),
                _ => {}
            }
        }
    }
}

/// Sound inputs: those of the case files, by a field of theirs.
pub(crate) fn seeds(field: &str) -> Vec<serde_json::Value> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let rows: Vec<serde_json::Value> = paths
        .iter()
        .flat_map(|path| {
            std::fs::read_to_string(path).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect::<Vec<_>>()
        })
        .filter(|case: &serde_json::Value| case.get(field).is_some_and(|f| f.is_object() || field != "in"))
        .collect();
    assert!(rows.len() > 100, "only {} seeds with {field}", rows.len());
    rows
}
