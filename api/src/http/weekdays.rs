//! `GET /api/v1/weekdays`: what each hour of the week has sold, of all days or of those of a period.

use super::lists::{Filter, Listed, Selected, Wanted};
use super::problem::Problem;
use super::query::{Parameters, bad};
use crate::view::View;
use crate::view::state::{Stamp, State};
use goldstream_domain::gold::weekday::{WEEK_HOURS, WeekdayReport, weekday_reports};
use goldstream_domain::moment::{Day, Hour};

/// Its days, both inclusive; none is open.
pub(super) struct Period {
    from: Option<Day>,
    to: Option<Day>,
}

impl Filter for Period {
    fn take(parameters: &mut Parameters) -> Result<Self, Problem> {
        let wanted = "a day between 1970 and 2199, YYYY-MM-DD";
        let from = parameters.take_as("from", wanted, Day::parse)?;
        let to = parameters.take_as("to", wanted, Day::parse)?;
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(bad(format!("from is a day up to {to}, not {from}")));
        }
        Ok(Self { from, to })
    }
}

impl Listed for WeekdayReport {
    type Filter = Period;

    /// A week is drawn whole.
    const ROWS_DEFAULT: usize = WEEK_HOURS as usize;

    fn is_known(view: &View) -> bool {
        view.read(State::knows_hours)
    }

    fn select(view: &View, filter: &Period, _: &Wanted<Self>) -> (Stamp, Selected<Self>) {
        let from = filter.from.map_or(Hour(0), |day| day.hour(0));
        view.read(|state| {
            let hours = state.tables().hours.range(from..);
            let hours = hours.take_while(|(hour, _)| filter.to.is_none_or(|to| hour.day() <= to));
            (state.stamp(), Selected::Unordered(weekday_reports(hours)))
        })
    }

    fn find(view: &View, key: &str) -> (Stamp, Option<Self>) {
        view.read(|state| {
            let of_week = key.parse().ok();
            let week = weekday_reports(&state.tables().hours);
            let row = week.into_iter().find(|row| Some(row.of_week()) == of_week);
            (state.stamp(), row)
        })
    }
}
