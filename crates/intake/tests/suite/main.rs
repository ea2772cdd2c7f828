//! What comes in as a link or a picture. One program, because each one that is linked costs a hundred megabytes and its time.

mod links;
mod pictures;
