use std::time::Duration;

/// Times of the engine. The defaults are for production; tests shorten them.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// How long a node that stopped renewing keeps its lines.
    pub lease: Duration,
    /// How long to wait for proof before a message that may have been sent is sent again.
    pub unknown_grace: Duration,
    /// After this the provider's own list, where there is one, is asked for a message that may have been sent.
    pub unknown_lookup: Duration,
    /// Longest wait for a provider's answer.
    pub send_timeout: Duration,
    /// How often a provider's list is asked for messages that no webhook told.
    pub sweep: Duration,
    /// How long a webhook has time to tell of a message before the list is asked for it: it tells more than the list.
    pub sweep_margin: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            unknown_grace: Duration::from_secs(90),
            unknown_lookup: Duration::from_mins(1),
            send_timeout: Duration::from_secs(15),
            sweep: Duration::from_hours(1),
            sweep_margin: Duration::from_mins(2),
        }
    }
}

impl Tuning {
    /// How often a node says that it is alive.
    pub(crate) fn renewal(&self) -> Duration {
        self.lease / 3
    }
}

/// Pauses before a message that was surely not sent is tried again; the last one repeats.
const SEND_PAUSES_SECS: [u64; 7] = [1, 5, 30, 120, 600, 1800, 3600];

/// Pause after `attempts` failed tries, ±20 % so that lines do not march in step.
pub(crate) fn send_pause(attempts: i32) -> Duration {
    jitter(pick(&SEND_PAUSES_SECS, attempts))
}

/// Pause after `failures` sweeps of a line that failed, at most until the next would be due anyway.
pub(crate) fn sweep_pause(failures: u32, usual: Duration) -> Duration {
    let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
    jitter(Duration::from_mins(1).saturating_mul(doubled).min(usual))
}

/// Pauses before an event that could not be applied is tried again.
const APPLY_PAUSES_SECS: [u64; 4] = [0, 1, 5, 30];

/// Tries after which an event is put aside.
pub(crate) const APPLY_FAILURES: i32 = 5;
/// Crashes of the process after which an event is put aside.
pub(crate) const APPLY_CRASHES: i32 = 3;

pub(crate) fn apply_pause(failures: i32) -> Duration {
    pick(&APPLY_PAUSES_SECS, failures)
}

fn pick(pauses: &[u64], tries: i32) -> Duration {
    let at = usize::try_from(tries.max(1) - 1).unwrap_or_default();
    Duration::from_secs(pauses.get(at).or(pauses.last()).copied().unwrap_or_default())
}

/// ±20 %.
pub(crate) fn jitter(pause: Duration) -> Duration {
    let [byte] = crate::clock::random().unwrap_or([128]);
    pause.mul_f64(0.8 + f64::from(byte) / 255.0 * 0.4)
}
