//! Several runs of one measurement.

use std::time::Duration;

/// Several runs of one measurement; what is printed is the median, with the least and the most beside it.
pub struct Series {
    name: String,
    unit: &'static str,
    values: Vec<f64>,
}

impl Series {
    /// Of times, told in milliseconds.
    pub fn of_times(name: impl Into<String>) -> Self {
        Self { name: name.into(), unit: "ms", values: Vec::new() }
    }

    /// Of anything else.
    pub fn of(name: impl Into<String>, unit: &'static str) -> Self {
        Self { name: name.into(), unit, values: Vec::new() }
    }

    /// Adds a run.
    pub fn time(&mut self, took: Duration) {
        self.values.push(took.as_secs_f64() * 1_000.0);
    }

    /// Adds a run.
    pub fn value(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Prints the line and ends the series.
    pub fn tell(mut self) {
        self.values.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (self.values.first(), self.values.last()) else { return };
        let (name, unit, runs) = (&self.name, self.unit, self.values.len());
        println!("figure\t{name}\t{unit}\t{:.3}\t{least:.3}\t{most:.3}\t{runs}", median(&self.values));
    }
}

fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match (sorted.len() % 2, sorted.get(middle.wrapping_sub(1)), sorted.get(middle)) {
        (0, Some(below), Some(above)) => f64::midpoint(*below, *above),
        (_, _, Some(value)) => *value,
        _ => f64::NAN,
    }
}
