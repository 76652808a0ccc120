//! Where mutants come from: a small seeded generator, so that a failure can be repeated, or the bytes of a fuzzer, so that
//! it chooses the damage.

/// How the inputs are shared out among the parsers: parts of a thousand. What is quick to judge gets more.
pub(crate) const SHARES: [(&str, usize); 37] = [
    ("decode", 160),
    ("decode_line", 40),
    ("several PIDs", 100),
    ("assemble CAN 11", 50),
    ("assemble CAN 29", 50),
    ("assemble CAN without headers", 35),
    ("assemble J1850", 25),
    ("assemble ISO 9141", 25),
    ("assemble KWP", 25),
    ("assemble legacy without headers", 25),
    ("assemble padded replies", 25),
    ("assemble lines", 10),
    ("frames of a log", 25),
    ("lines of candump", 45),
    ("lines of SLCAN", 60),
    ("a whole SLCAN adapter", 1),
    ("ISO-TP received", 52),
    ("ISO-TP sent", 25),
    ("recordings", 5),
    ("recordings read back", 15),
    ("vin", 25),
    ("dtc", 25),
    ("ports", 20),
    ("a whole adapter", 1),
    ("a whole CAN bus", 1),
    ("dialogues", 1),
    ("specs of vehicles", 10),
    ("adapter profiles", 2),
    ("vehicle files", 1),
    ("bytes of a file", 10),
    ("cells of a line", 30),
    ("numbers in cells", 45),
    ("times in cells", 25),
    ("tables", 1),
    ("mappings of tables", 1),
    ("DBC files", 2),
    ("logs with a DBC file", 2),
];

const _: () = {
    let (mut sum, mut i) = (0, 0);
    while i < SHARES.len() {
        sum += SHARES[i].1;
        i += 1;
    }
    assert!(sum == 1000, "the shares must make a whole");
};

/// xorshift64*, behind the bytes that were handed over.
pub(crate) struct Rng {
    state: u64,
    choices: Vec<u8>,
    at: usize,
}

impl Rng {
    /// The generator of one parser, and how many mutants it makes.
    pub(crate) fn start(parser: &str) -> (Self, usize) {
        let read = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().expect("a number"));
        let (all, seed) = (read("ROADWORTHY_MUTANTS", 1_000_000), read("ROADWORTHY_SEED", 20_260));
        let (_, share) =
            SHARES.iter().find(|(name, _)| *name == parser).unwrap_or_else(|| panic!("no share: {parser}"));
        let mutants = all as usize * share / 1000;
        println!("{parser}: {mutants} mutants, seed {seed}");
        (Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, choices: Vec::new(), at: 0 }, mutants)
    }

    /// One that chooses as these bytes say, and goes on by itself where they end.
    #[allow(dead_code, reason = "for the fuzzer, which compiles these files too")]
    pub(crate) fn of(choices: &[u8]) -> Self {
        Self { state: 0x9E37_79B9_7F4A_7C15, choices: choices.to_vec(), at: 0 }
    }

    fn given(&mut self) -> Option<usize> {
        let byte = self.choices.get(self.at).copied().map(usize::from);
        self.at += 1;
        byte
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// 0 to `n` - 1.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        if n < 2 {
            return 0;
        }
        let given = match self.given() {
            Some(byte) if n > 0x100 => self.given().map(|low| byte << 8 | low),
            byte => byte,
        };
        given.unwrap_or_else(|| (self.next() >> 33) as usize) % n
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.below(0x100) as u8
    }

    #[allow(dead_code, reason = "not every file that this one serves chooses so")]
    pub(crate) fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.byte()).collect()
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

    /// The same for a text, with characters of an alphabet.
    #[allow(dead_code, reason = "not every file that this one serves damages texts")]
    pub(crate) fn spoil(&mut self, text: &str, alphabet: &str) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let mut row: Vec<char> = text.chars().collect();
        self.damage(&mut row, &mut |rng, _| *rng.pick(&alphabet));
        row.into_iter().collect()
    }
}
