//! Where connections are kept: a vector of slots. A key is not used again while an old event can still name it.
//!
//! A key is an index and the slot's generation. Freeing a slot ends its generation, so that an event or a timer which
//! was meant for the previous owner finds nothing. The memory stays at what the largest number of connections so far
//! needed.

/// Names one connection for as long as it lives, and nothing after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    index: u32,
    generation: u32,
}

impl Key {
    /// The key as an event loop's token. The top bit is left for other kinds of events.
    pub fn to_token(self) -> usize {
        (self.generation as usize) << 32 | self.index as usize
    }

    pub fn from_token(token: usize) -> Key {
        Key {
            index: token as u32,
            generation: (token >> 32) as u32,
        }
    }
}

/// Tokens from this value on are not keys.
pub const KEY_TOKEN_END: usize = 1 << 63;

struct Slot<T> {
    generation: u32,
    content: Option<T>,
}

/// Values under keys. Insertion, look-up and removal cost the same for any number of values.
pub struct Slots<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

impl<T> Slots<T> {
    pub fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    pub fn insert(&mut self, content: T) -> Key {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot {
                generation: 0,
                content: None,
            });
            (self.slots.len() - 1) as u32
        });
        let slot = &mut self.slots[index as usize];
        slot.content = Some(content);
        Key {
            index,
            generation: slot.generation,
        }
    }

    pub fn get(&self, key: Key) -> Option<&T> {
        let slot = self.slots.get(key.index as usize)?;
        slot.content.as_ref().filter(|_| slot.generation == key.generation)
    }

    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let slot = self.slots.get_mut(key.index as usize)?;
        slot.content.as_mut().filter(|_| slot.generation == key.generation)
    }

    pub fn remove(&mut self, key: Key) -> Option<T> {
        self.get_mut(key)?;
        let slot = &mut self.slots[key.index as usize];
        // 31 bits, so that a token never reaches the top bit.
        slot.generation = (slot.generation + 1) & (u32::MAX >> 1);
        self.free.push(key.index);
        slot.content.take()
    }

    /// All keys that are in use, in no particular order.
    pub fn keys(&self) -> Vec<Key> {
        self.iter().map(|(key, _)| key).collect()
    }

    pub fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        let keyed = |(index, slot): (usize, &'_ Slot<T>)| Key {
            index: index as u32,
            generation: slot.generation,
        };
        self.slots
            .iter()
            .enumerate()
            .filter_map(move |(index, slot)| Some((keyed((index, slot)), slot.content.as_ref()?)))
    }
}

/// What others keep under the keys of connections, for example a driver its sockets.
pub struct Mirror<T> {
    slots: Vec<Option<(u32, T)>>,
}

impl<T> Default for Mirror<T> {
    fn default() -> Self {
        Mirror { slots: Vec::new() }
    }
}

impl<T> Mirror<T> {
    /// Replaces what an earlier key of the same slot may have left.
    pub fn insert(&mut self, key: Key, content: T) {
        let index = key.index as usize;
        if self.slots.len() <= index {
            self.slots.resize_with(index + 1, || None);
        }
        self.slots[index] = Some((key.generation, content));
    }

    pub fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        match self.slots.get_mut(key.index as usize)? {
            Some((generation, content)) if *generation == key.generation => Some(content),
            _ => None,
        }
    }

    pub fn remove(&mut self, key: Key) -> Option<T> {
        self.get_mut(key)?;
        self.slots[key.index as usize].take().map(|(_, content)| content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_key_finds_nothing() {
        let mut slots = Slots::new();
        let old = slots.insert('a');
        assert_eq!(slots.remove(old), Some('a'));
        let new = slots.insert('b');
        assert_eq!(old.index, new.index);
        assert_eq!(slots.get_mut(old), None);
        assert_eq!(slots.remove(old), None);
        assert_eq!(slots.get_mut(new), Some(&mut 'b'));
        assert_eq!((slots.len(), slots.keys()), (1, vec![new]));
    }

    #[test]
    fn a_mirror_follows_the_keys() {
        let (mut slots, mut mirror) = (Slots::new(), Mirror::default());
        let [first, second] = ['a', 'b'].map(|content| slots.insert(content));
        mirror.insert(second, 2);
        assert_eq!(mirror.get_mut(first), None);
        assert_eq!(mirror.get_mut(second), Some(&mut 2));
        slots.remove(second);
        let third = slots.insert('c');
        assert_eq!(mirror.remove(third), None);
        mirror.insert(third, 3);
        assert_eq!((mirror.remove(second), mirror.remove(third)), (None, Some(3)));
    }

    #[test]
    fn tokens_give_their_keys_back_and_stay_below_the_end() {
        let key = Key {
            index: u32::MAX,
            generation: u32::MAX >> 1,
        };
        assert!(key.to_token() < KEY_TOKEN_END);
        assert_eq!(Key::from_token(key.to_token()), key);
    }
}
