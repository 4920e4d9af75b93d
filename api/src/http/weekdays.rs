//! `GET /api/v1/weekdays`: what each hour of the week has sold, of all days or of those of a period.

use super::days::Days;
use super::lists::{Listed, Selected, Wanted};
use crate::view::View;
use crate::view::state::{Stamp, State};
use goldstream_domain::gold::weekday::{WEEK_HOURS, WeekdayReport, weekday_reports};

impl Listed for WeekdayReport {
    type Filter = Days;

    /// A week is drawn whole.
    const ROWS_DEFAULT: usize = WEEK_HOURS as usize;

    fn is_known(view: &View) -> bool {
        view.read(State::knows_hours)
    }

    fn select(view: &View, filter: &Days, _: &Wanted<Self>) -> (Stamp, Selected<Self>) {
        let from = filter.from.hour(0);
        view.read(|state| {
            let hours = state.tables().hours.range(from..);
            let hours = hours.take_while(|(hour, _)| hour.day() <= filter.to);
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
