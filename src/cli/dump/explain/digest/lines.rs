//! Lines within a fixed size: the first and the last of them, with those that repeat in one.
use std::collections::VecDeque;

/// See the head of the file.
#[derive(Debug)]
pub struct Lines {
    bytes: usize,
    first: String,
    /// What came when `first` was full, from its end.
    last: VecDeque<String>,
    last_bytes: usize,
    omitted: u64,
    /// The last line, while like ones may follow.
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    key: String,
    line: String,
    count: u64,
    until: String,
}

impl Lines {
    /// At most so many bytes are kept from the beginning, and as many from the end.
    pub fn new(bytes: usize) -> Lines {
        Lines {
            bytes,
            first: String::new(),
            last: VecDeque::new(),
            last_bytes: 0,
            omitted: 0,
            open: None,
        }
    }

    /// A line that is like the one before if it has the same key; then only the first is kept, and until when.
    pub fn repeatable(&mut self, key: &str, time: &str, line: &str) {
        if let Some(open) = self.open.as_mut().filter(|open| open.key == key) {
            open.count += 1;
            time.clone_into(&mut open.until);
            return;
        }
        self.close();
        self.open = Some(Open {
            key: key.to_owned(),
            line: line.to_owned(),
            count: 1,
            until: time.to_owned(),
        });
    }

    pub fn add(&mut self, line: &str) {
        self.close();
        self.keep(format!("{line}\n"));
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let times = match open.count {
                1 => String::new(),
                count => format!(" (×{count} until {})", open.until),
            };
            self.keep(format!("{}{times}\n", open.line));
        }
    }

    fn keep(&mut self, line: String) {
        if self.last.is_empty() && self.first.len() + line.len() <= self.bytes {
            self.first += &line;
            return;
        }
        self.last_bytes += line.len();
        self.last.push_back(line);
        while self.last_bytes > self.bytes
            && let Some(line) = self.last.pop_front()
        {
            self.last_bytes -= line.len();
            self.omitted += 1;
        }
    }

    /// All lines if they fit, otherwise those of the beginning and of the end.
    pub fn text(mut self, bytes: usize) -> String {
        self.close();
        let all: usize = self.first.len() + self.last_bytes;
        let last: String = self.last.iter().map(String::as_str).collect();
        if self.omitted == 0 && all <= bytes {
            return self.first + &last;
        }
        let kept = self.first + &last;
        let lines: Vec<&str> = kept.split_inclusive('\n').collect();
        let room = bytes.saturating_sub(NOTE_BYTES) / 2;
        let fits = |taken: &mut usize, line: &&&str| {
            *taken += line.len();
            *taken <= room
        };
        let mut taken = 0;
        let head = lines.iter().take_while(|line| fits(&mut taken, line)).count();
        let mut taken = 0;
        let tail = lines[head..]
            .iter()
            .rev()
            .take_while(|line| fits(&mut taken, line))
            .count();
        let (head, rest) = lines.split_at(head);
        let (middle, tail) = rest.split_at(rest.len() - tail);
        let omitted = self.omitted + middle.len() as u64;
        format!("{}… ({omitted} lines left out)\n{}", head.concat(), tail.concat())
    }
}

/// The line that says how many are missing.
const NOTE_BYTES: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_repeat_are_one() {
        let mut lines = Lines::new(1000);
        for (key, time) in [("a", "1"), ("a", "2"), ("b", "3"), ("a", "4")] {
            lines.repeatable(key, time, &format!("{time} {key}"));
        }
        lines.add("5 c");
        assert_eq!(lines.text(1000), "1 a (×2 until 2)\n3 b\n4 a\n5 c\n");
    }

    #[test]
    fn what_does_not_fit_is_left_out_of_the_middle() {
        for number in [10, 100, 10_000] {
            let mut lines = Lines::new(200);
            (0..number).for_each(|at| lines.add(&format!("line {at}")));
            let text = lines.text(200);
            assert!(text.len() <= 200 && text.starts_with("line 0\n"), "{text}");
            assert!(text.ends_with(&format!("line {}\n", number - 1)), "{text}");
            let shown = text.matches("line ").count();
            let omitted = format!("({} lines left out)", number - shown);
            assert!(shown == number || text.contains(&omitted), "{number} {shown}: {text}");
        }
    }
}
