//! Scans: parameters given several values each, one point for each combination.

use super::Bench;
use super::course::Setting;
use super::results::Coordinate;
use crate::network::DisplayUnit;

/// The scanned parameters; none for no scan.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    pub axes: Vec<Axis>,
}

/// One scanned name with its values.
#[derive(Clone, Debug)]
pub struct Axis {
    pub name: String,
    pub unit: DisplayUnit,
    pub values: Vec<AxisValue>,
}

/// One value of an axis.
#[derive(Clone, Debug)]
pub struct AxisValue {
    /// As the coordinate of a point, in internal units.
    pub value: f64,
    /// For each bench the parameters that get it, with what they get.
    pub settings: Vec<Setting>,
}

/// One combination of values.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub coordinates: Vec<Coordinate>,
    /// For each bench the caller's own values, then those of the point.
    pub settings: Vec<Setting>,
}

impl Scan {
    /// How many combinations there are; 0 without a scan.
    pub fn size(&self) -> usize {
        if self.axes.is_empty() { 0 } else { self.axes.iter().map(|axis| axis.values.len()).product() }
    }

    /// The model as declared, then all combinations, the last axis turning fastest.
    pub(super) fn points(&self, benches: &[Bench]) -> Vec<Point> {
        let declared = Point { coordinates: Vec::new(), settings: benches.iter().map(|b| b.set.clone()).collect() };
        let mut points = vec![declared.clone()];
        if self.size() == 0 {
            return points;
        }
        let mut grid = vec![declared];
        for axis in &self.axes {
            grid = grid.iter().flat_map(|point| axis.values.iter().map(|value| point.with(axis, value))).collect();
        }
        points.append(&mut grid);
        points
    }
}

impl Point {
    fn with(&self, axis: &Axis, value: &AxisValue) -> Point {
        let mut point = self.clone();
        point.coordinates.push(Coordinate { name: axis.name.clone(), value: value.value, unit: axis.unit.clone() });
        for (all, more) in point.settings.iter_mut().zip(&value.settings) {
            all.extend(more);
        }
        point
    }
}
