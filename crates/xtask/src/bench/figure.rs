//! One figure: several runs of one measurement.

/// Several runs of one measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What was measured.
    pub name: String,
    /// `ms`, `MB` and so on.
    pub unit: String,
    /// The run in the middle.
    pub median: f64,
    /// The lowest.
    pub least: f64,
    /// The highest.
    pub most: f64,
    /// How many runs.
    pub runs: usize,
}

impl Figure {
    /// Puts the runs together; none at all give a figure that is no number.
    pub fn of(name: impl Into<String>, unit: &str, mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |place: usize| values.get(place).copied().unwrap_or(f64::NAN);
        let runs = values.len();
        Self {
            name: name.into(),
            unit: unit.to_owned(),
            median: f64::midpoint(at(runs.saturating_sub(1) / 2), at(runs / 2)),
            least: at(0),
            most: at(runs.saturating_sub(1)),
            runs,
        }
    }

    /// Reads a line of the engine's benchmark; nothing where the line is something else.
    pub fn read(line: &str) -> Result<Option<Self>, String> {
        let Some(rest) = line.strip_prefix("figure\t") else { return Ok(None) };
        let wrong = || format!("a figure cannot be read: {line}");
        let [name, unit, median, least, most, runs] =
            <[&str; 6]>::try_from(rest.split('\t').collect::<Vec<_>>()).map_err(|_| wrong())?;
        let number = |text: &str| text.parse::<f64>().map_err(|_| wrong());
        Ok(Some(Self {
            name: name.to_owned(),
            unit: unit.to_owned(),
            median: number(median)?,
            least: number(least)?,
            most: number(most)?,
            runs: runs.parse().map_err(|_| wrong())?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_lies_in_the_middle() {
        let figure = Figure::of("x", "ms", vec![9.0, 1.0, 2.0]);
        assert_eq!((figure.median, figure.least, figure.most, figure.runs), (2.0, 1.0, 9.0, 3));
        assert_eq!(Figure::of("x", "ms", vec![1.0, 2.0, 4.0, 9.0]).median, 3.0);
        assert_eq!(Figure::of("x", "ms", vec![5.0]).median, 5.0);
        assert!(Figure::of("x", "ms", Vec::new()).median.is_nan());
    }

    #[test]
    fn a_line_of_the_benchmark_is_read_and_another_line_is_not() {
        let figure = Figure::read("figure\topen.10\tms\t300.100\t290.000\t310.500\t21").unwrap().unwrap();
        assert_eq!((figure.name.as_str(), figure.unit.as_str()), ("open.10", "ms"));
        assert_eq!((figure.median, figure.least, figure.most, figure.runs), (300.1, 290.0, 310.5, 21));
        assert_eq!(Figure::read("running 0 tests"), Ok(None));
        assert!(Figure::read("figure\topen.10\tms").is_err());
    }
}
