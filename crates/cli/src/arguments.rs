//! The words of the command line. A contract: names are added, never changed.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand};
use leerpas_core::Timestamp;
use leerpas_desk::{Identity, PublicAddress};

/// A wallet for what you have learned.
#[derive(Debug, Parser)]
#[command(name = "leerpas", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Arguments {
    /// The folder with the vault; by default one in your own data folder
    #[arg(long, global = true, value_name = "DIR")]
    pub profile: Option<PathBuf>,
    /// A file with the passphrase; else LEERPAS_PASSPHRASE; else you are asked
    #[arg(long, global = true, value_name = "F")]
    pub passphrase_file: Option<PathBuf>,
    /// Print one JSON object on standard output and nothing else there
    #[arg(long, global = true)]
    pub json: bool,
    /// Take this to be the present time
    #[arg(long, global = true, value_name = "RFC3339")]
    pub now: Option<Timestamp>,
    /// Trust this root for https too; may be given more than once
    #[arg(long, global = true, value_name = "PEM")]
    pub tls_root: Vec<PathBuf>,
    /// Trust the institutions in this list, plain or signed; may be given more than once
    #[arg(long, global = true, value_name = "FILE")]
    pub trust: Vec<PathBuf>,
    /// The public key (JWK) of whom a signed list of --trust may be signed by; may be given more than once
    #[arg(long, global = true, value_name = "FILE")]
    pub trust_anchor: Vec<PathBuf>,
    /// Let addresses of this machine through, for trying out
    #[arg(long, global = true)]
    pub allow_loopback: bool,
    /// Write one line for each request: method, URL, purpose
    #[arg(long, global = true, value_name = "FILE")]
    pub net_log: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a vault in the profile folder
    Init,
    /// Take an offer: a link, JSON, a file, a picture of a QR code, or - for standard input; or go to an institution by its
    /// https address
    Receive {
        /// The offer, or the address
        offer: String,
        /// At an institution: collect this; may be given more than once
        #[arg(long, value_name = "ID")]
        credential: Vec<String>,
        /// The code that the institution gave you
        #[arg(long, value_name = "C")]
        tx_code: Option<String>,
        /// Where a sign-in is needed, run this command with the address instead of opening your browser. A line that it
        /// prints and that is a request (openid4vp:) is answered meanwhile
        #[arg(long, value_name = "CMD")]
        auth_browser: Option<String>,
        /// Where the institution asks for a card before the sign-in goes on: share it
        #[arg(long)]
        approve: bool,
        /// For that request: answer this query with this card; again for one more, where the query takes several
        #[arg(long, value_name = "QUERY=ID")]
        card: Vec<String>,
        /// For that request: leave this optional claim out
        #[arg(long, value_name = "QUERY:PATH")]
        without: Vec<String>,
    },
    /// Cards that an institution hands out later
    Waiting {
        /// Wait for this one no longer
        #[arg(long, value_name = "ID")]
        give_up: Option<String>,
    },
    /// Ask whether a waiting card is ready, and keep it; without an identifier, all that may be asked about now
    Collect {
        /// Its identifier, as `waiting` shows it
        id: Option<String>,
    },
    /// Get fresh copies of a card, so that no two requesters see the same one
    Refill {
        /// Its identifier
        id: String,
    },
    /// Attestations of this program that institutions gave for their own sign-in. Without --key-for, --add or --remove: list them
    Attestations {
        /// Show the public key for this authorization server, made if there is none: what the institution has to attest
        #[arg(long, value_name = "URL", conflicts_with_all = ["add", "remove"])]
        key_for: Option<String>,
        /// Take the attestation for this authorization server, from --file
        #[arg(long, value_name = "URL", requires = "file", conflicts_with = "remove")]
        add: Option<String>,
        /// The file with the attestation, or - for standard input
        #[arg(long, value_name = "FILE", requires = "add")]
        file: Option<String>,
        /// Remove the attestation for this authorization server, and its key
        #[arg(long, value_name = "URL")]
        remove: Option<String>,
    },
    /// Institutions that the lists know and that have an address to collect at
    Institutions,
    /// Take badges as files
    Import {
        /// Open Badges, JWT, SD-JWT, baked PNG or SVG
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// List the cards
    Cards {
        /// Only those that hold these words
        #[arg(long, value_name = "TEXT")]
        query: Option<String>,
    },
    /// Show one card
    Card {
        /// Its identifier
        id: String,
        /// Print the original bytes and nothing else
        #[arg(long)]
        raw: bool,
    },
    /// Write a card as a file: exactly what the institution made, or a picture with the badge inside
    Export {
        /// Its identifier
        id: String,
        /// Where to; by default standard output. A file that is there is never written over
        file: Option<PathBuf>,
        /// Put the badge into its own picture
        #[arg(long)]
        picture: bool,
        /// Yes, the file may show everything: needed where the card could otherwise show parts of itself
        #[arg(long)]
        everything: bool,
    },
    /// Your addresses, to which badges are held: e-mail, telephone, web address, eduID. They are never sent
    Identities {
        /// Add one
        #[arg(long, value_name = "ADDRESS")]
        add: Vec<String>,
        /// Take one away
        #[arg(long, value_name = "ADDRESS")]
        remove: Vec<String>,
    },
    /// Answer a request; without --approve it prints the plan and sends nothing
    Present {
        /// The request: a link, a file, a picture of a QR code, or - for standard input
        request: String,
        /// Answer this query with this card; again for one more, where the query takes several
        #[arg(long, value_name = "QUERY=ID")]
        card: Vec<String>,
        /// Leave this optional claim out
        #[arg(long, value_name = "QUERY:PATH")]
        without: Vec<String>,
        /// Share
        #[arg(long, conflicts_with = "decline")]
        approve: bool,
        /// Tell the other side no
        #[arg(long)]
        decline: bool,
        /// Where the answer is asked for as pictures, write them here: a file .svg is one moving picture, any other has
        /// one line for each picture; without a name the lines are printed
        #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-")]
        offline: Option<PathBuf>,
    },
    /// Check a credential or presentation; needs no vault
    Verify {
        /// The file, or - for standard input
        file: String,
        /// Demand proof that the holder presented it
        #[arg(long)]
        expect_holder: bool,
    },
    /// Check all cards again, or one of them
    Refresh {
        /// Its identifier
        id: Option<String>,
        /// Only those whose status list has served its time
        #[arg(long, conflicts_with = "id")]
        due: bool,
    },
    /// What was received and shared
    Activity {
        /// Print the receipt of one answer, by the identifier of its line: who asked, why, what was given, and what you
        /// said, as a consent record of ISO/IEC TS 27560 in JSON-LD
        #[arg(long, value_name = "ID")]
        receipt: Option<String>,
        /// Where to; by default standard output. A file that is there is never written over
        #[arg(long, value_name = "FILE", requires = "receipt")]
        file: Option<PathBuf>,
    },
    /// Public halves of the keys and their purposes
    Keys,
    /// Throw a card away
    Delete {
        /// Its identifier
        id: String,
    },
    /// Institutions that you trust beside any list
    Trust {
        /// What to do with them
        #[command(subcommand)]
        command: Trust,
    },
    /// The employer's desk; runs until ended
    Desk {
        /// Where its page listens; port 0 is a free one
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Where its certificate lies
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        /// As whom it asks where nobody chooses on its page: `x509_hash`, `x509_san_dns` or `did:web`
        #[arg(long, value_name = "WAY", default_value = "x509_hash", value_parser = identity)]
        identity: Identity,
        /// The https address at which others find it, when a proxy on this machine hands everything on to --listen
        #[arg(long, value_name = "URL", value_parser = PublicAddress::parse)]
        public: Option<PublicAddress>,
        /// The certificate under which it asks at that address, in PEM, leaf first
        #[arg(long, value_name = "PEM", requires_all = ["key", "public"])]
        certificate: Option<PathBuf>,
        /// The P-256 key of that certificate, in PEM (PKCS #8)
        #[arg(long, value_name = "PEM", requires = "certificate")]
        key: Option<PathBuf>,
    },
    /// The trial institution; runs until ended
    Sandbox {
        /// Where it listens; port 0 is a free one
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
        /// Where it writes ca.pem and trust.json
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

/// What to do with the institutions that one trusts.
#[derive(Debug, Subcommand)]
pub enum Trust {
    /// Trust the institutions of a list, or the issuer of a card
    Add {
        /// A trust list: JSON, or a signed list
        #[arg(required_unless_present = "issuer_of")]
        file: Option<PathBuf>,
        /// The public key (JWK) of whom signed the list
        #[arg(long, value_name = "FILE", requires = "file")]
        signer: Option<PathBuf>,
        /// Trust the issuer of this card
        #[arg(long, value_name = "ID", conflicts_with = "file")]
        issuer_of: Option<String>,
    },
    /// List them
    List,
    /// Trust one no longer
    Remove {
        /// Its identifier, as the list shows it
        id: String,
    },
}

/// How the desk proves who asks.
fn identity(word: &str) -> Result<Identity, &'static str> {
    Identity::find(word).ok_or(Identity::UNKNOWN)
}
