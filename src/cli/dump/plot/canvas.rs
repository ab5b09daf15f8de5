//! Dots in a grid of braille characters: two beside each other and four above each other in each (Unicode, U+2800).
//!
//! Dots outside the grid are not drawn. Nothing fails.

/// Dots beside and above each other in one character.
pub const DOTS_X: usize = 2;
pub const DOTS_Y: usize = 4;

/// The first of the 256 braille characters. Each bit of the number behind it is a dot.
const EMPTY: u32 = 0x2800;

/// The bit of each dot, row by row: six dots were there first, so that the last row has the highest bits.
const BITS: [[u8; DOTS_X]; DOTS_Y] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

/// A place of the grid, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dot {
    pub x: usize,
    pub y: usize,
}

/// See the head of the file.
#[derive(Debug)]
pub struct Canvas {
    columns: usize,
    cells: Vec<u8>,
}

impl Canvas {
    /// An empty one of this many characters.
    pub fn new(columns: usize, rows: usize) -> Canvas {
        Canvas {
            columns,
            cells: vec![0; columns * rows],
        }
    }

    pub fn dot(&mut self, dot: Dot) {
        let (column, row) = (dot.x / DOTS_X, dot.y / DOTS_Y);
        let at = row * self.columns + column;
        if column < self.columns
            && let Some(cell) = self.cells.get_mut(at)
        {
            *cell |= BITS[dot.y % DOTS_Y][dot.x % DOTS_X];
        }
    }

    /// The dots between two places (Bresenham), both of them included.
    pub fn line(&mut self, from: Dot, to: Dot) {
        let steps = from.x.abs_diff(to.x).max(from.y.abs_diff(to.y));
        let between = |from: usize, to: usize, step: usize| {
            let moved = (from.abs_diff(to) * step + steps / 2) / steps.max(1);
            if from <= to { from + moved } else { from - moved }
        };
        for step in 0..=steps {
            self.dot(Dot {
                x: between(from.x, to.x, step),
                y: between(from.y, to.y, step),
            });
        }
    }

    /// The rows as text, from the top.
    pub fn rows(&self) -> impl Iterator<Item = String> {
        self.cells.chunks(self.columns.max(1)).map(|row| {
            let character = |cell: &u8| char::from_u32(EMPTY + u32::from(*cell)).unwrap_or(' ');
            row.iter().map(character).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(canvas: &Canvas) -> Vec<String> {
        canvas.rows().collect()
    }

    #[test]
    fn dots_are_where_they_were_put_and_nowhere_else() {
        let mut canvas = Canvas::new(2, 2);
        for (x, y) in [(0, 0), (3, 7), (4, 0), (0, 8), (usize::MAX, 0)] {
            canvas.dot(Dot { x, y });
        }
        assert_eq!(drawn(&canvas), ["⠁⠀", "⠀⢀"]);
        assert!(drawn(&Canvas::new(0, 3)).is_empty());
    }

    #[test]
    fn a_line_has_both_its_ends_in_every_direction() {
        for (from, to, rows) in [
            ((0, 0), (3, 0), ["⠉⠉"]),
            ((3, 0), (0, 0), ["⠉⠉"]),
            ((0, 0), (0, 3), ["⡇⠀"]),
            ((0, 3), (0, 0), ["⡇⠀"]),
            ((0, 3), (3, 0), ["⡠⠊"]),
            ((2, 1), (2, 1), ["⠀⠂"]),
        ] {
            let mut canvas = Canvas::new(2, 1);
            let dot = |(x, y)| Dot { x, y };
            canvas.line(dot(from), dot(to));
            assert_eq!(drawn(&canvas), rows, "{from:?} {to:?}");
        }
    }
}
