//! What is believed of something's health, and how many looks it takes to believe otherwise.

/// Healthy or not, by consecutive looks that agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Belief {
    healthy: bool,
    /// Looks in a row that say otherwise.
    against: u32,
}

/// How many looks in a row change a belief; both at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) unhealthy: u32,
    pub(super) healthy: u32,
}

impl Belief {
    pub(super) fn new(healthy: bool) -> Self {
        Self { healthy, against: 0 }
    }

    /// Takes a look into account. Answers whether it is enough to believe otherwise; [`turn`](Self::turn) does.
    pub(super) fn observe(&mut self, healthy: bool, proof: Proof) -> bool {
        if healthy == self.healthy {
            self.against = 0;
            return false;
        }
        self.against = self.against.saturating_add(1);
        self.against >= if healthy { proof.healthy } else { proof.unhealthy }
    }

    /// Believes otherwise from now on.
    pub(super) fn turn(&mut self) {
        *self = Self::new(!self.healthy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PROOF: Proof = Proof { unhealthy: 3, healthy: 2 };

    /// The number of each look that changed the belief.
    fn changes(looks: &[bool]) -> Vec<usize> {
        let mut belief = Belief::new(true);
        let turned = |(number, healthy): (usize, &bool)| {
            let turns = belief.observe(*healthy, PROOF);
            if turns {
                belief.turn();
            }
            turns.then_some(number)
        };
        looks.iter().enumerate().filter_map(turned).collect()
    }

    #[test]
    fn only_looks_in_a_row_change_a_belief() {
        let (up, down) = (true, false);
        assert_eq!(changes(&[down, down, up, down, down, down, down, up, down, up, up]), [5, 10]);
        assert_eq!(changes(&[up, down, up, down, down]), [0; 0]);
    }

    #[test]
    fn a_change_that_was_not_recorded_is_seen_again() {
        let mut belief = Belief::new(true);
        let seen: Vec<bool> = (0..5).map(|_| belief.observe(false, PROOF)).collect();
        assert_eq!(seen, [false, false, true, true, true]);
    }

    proptest! {
        /// Before each change stand as many looks as it takes, and all of them say the same.
        #[test]
        fn a_change_is_proven(looks in prop::collection::vec(any::<bool>(), 0..200)) {
            let mut believed = true;
            for at in changes(&looks) {
                let enough = if believed { PROOF.unhealthy } else { PROOF.healthy };
                let proof = &looks[at + 1 - enough as usize..=at];
                prop_assert!(proof.iter().all(|healthy| *healthy != believed));
                believed = !believed;
            }
        }
    }
}
