//! One type that extends another (draft-13, sections 6.4 and 9.5).

use super::{Disclosure, MetadataError, TypeMetadata};

impl TypeMetadata {
    /// This type with all that it takes over from the one that it extends: claims of its own stand in the place of
    /// those with the same path, and displays of its own in the place of all.
    ///
    /// # Errors
    /// [`MetadataError::Loosened`] when it lets go of `mandatory`, or changes an `sd` that was fixed.
    pub fn extending(mut self, parent: Self) -> Result<Self, MetadataError> {
        for rule in &self.claims {
            let Some(over) = parent.claims.iter().find(|over| over.path == rule.path) else { continue };
            let fixed = over.disclosure != Disclosure::Allowed;
            if over.mandatory && !rule.mandatory || fixed && over.disclosure != rule.disclosure {
                return Err(MetadataError::Loosened);
            }
        }
        let taken_over = parent.claims.into_iter().filter(|over| self.claims.iter().all(|own| own.path != over.path));
        let mut claims: Vec<_> = taken_over.collect();
        claims.append(&mut self.claims);
        self.claims = claims;
        if self.display.is_empty() {
            self.display = parent.display;
        }
        self.extends = parent.extends;
        Ok(self)
    }
}
