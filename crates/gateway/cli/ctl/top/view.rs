//! Draws what is shown.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize as _};
use ratatui::text::Line;
use ratatui::widgets::{Block, Clear, Paragraph, Row, Sparkline, Table, TableState};

use super::super::columns::{duration, percent, printable, tenths};
use super::super::report;
use super::super::seen::{Endpoint, Pool, Sample};
use super::keys::KEYS;
use super::model::Model;

/// The height of the plots with their titles.
const PLOTS: u16 = 4;

pub(super) fn draw(frame: &mut Frame<'_>, model: &Model) {
    let plots = if frame.area().height < 16 { 0 } else { PLOTS };
    let line = Constraint::Length(1);
    let [head, numbers, plots, pools, foot] =
        Layout::vertical([line, line, Constraint::Length(plots), Constraint::Min(1), line])
            .areas(frame.area());
    frame.render_widget(headline(model), head);
    frame.render_widget(present(model), numbers);
    draw_plots(frame, model, plots);
    draw_pools(frame, model, pools);
    frame.render_widget(footer(model), foot);
    if model.shows_help {
        draw_help(frame);
    }
}

fn headline(model: &Model) -> Line<'static> {
    if let Some(lost) = &model.lost {
        return Line::from(printable(&format!("LOST: {lost}"))).style(BAD);
    }
    let status = &model.status;
    let readiness = report::readiness(status);
    let style = if status.ready && !status.draining { Style::new() } else { BAD };
    let generation = status.generation.number;
    let refused = if status.generation.refused.is_some() { " (the last one was refused)" } else { "" };
    let (version, uptime) = (&status.version, duration(status.uptime));
    Line::from(format!("gateway {version}  up {uptime}  configuration {generation}{refused}  {readiness}"))
        .style(style)
}

fn present(model: &Model) -> Line<'static> {
    let nothing = Sample::default();
    let Sample { requests, errors, in_flight, p50_ms, p99_ms, .. } = model.history.back().unwrap_or(&nothing);
    let (p50, p99) = (tenths(*p50_ms), tenths(*p99_ms));
    Line::from(format!(
        "{requests:.0} req/s  {errors:.0} errors/s  {in_flight:.0} in flight  p50 {p50} ms  p99 {p99} ms"
    ))
    .add_modifier(Modifier::BOLD)
}

fn draw_plots(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let [requests, errors, latency] = Layout::horizontal([Constraint::Fill(1); 3]).spacing(1).areas(area);
    let plot = |title: &'static str, of: fn(&Sample) -> f64, area: Rect, style: Style| {
        // The last seconds, as many as there is room for.
        let width = usize::from(area.width);
        let skipped = model.history.len().saturating_sub(width);
        let values: Vec<u64> = model.history.iter().skip(skipped).map(|sample| scaled(of(sample))).collect();
        let plot = Sparkline::default().block(Block::new().title(title)).data(values).style(style);
        (plot, area)
    };
    let plots = [
        plot("requests", |sample| sample.requests, requests, Style::new()),
        plot("errors", |sample| sample.errors, errors, BAD),
        plot("p99", |sample| sample.p99_ms.unwrap_or(0.0), latency, Style::new()),
    ];
    for (plot, area) in plots {
        frame.render_widget(plot, area);
    }
}

/// Tenths, so that small numbers have a height too.
fn scaled(value: f64) -> u64 {
    (value.max(0.0) * 10.0) as u64
}

fn draw_pools(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let room = if area.width < WIDE { Room::Narrow } else { Room::Wide };
    let (mut rows, mut selected, mut nth) = (Vec::new(), None, 0);
    for pool in &model.pools {
        rows.push(pool_row(pool));
        for endpoint in &pool.endpoints {
            if nth == model.index {
                selected = Some(rows.len());
            }
            nth += 1;
            rows.push(room.row(cells(endpoint)).style(style_of(&endpoint.state)));
        }
    }
    let endpoints = model.pools.iter().flat_map(|pool| &pool.endpoints);
    let longest = endpoints.map(|endpoint| endpoint.url.chars().count()).max().unwrap_or(0);
    let heads = ["endpoint", "state", "share", "req/s", "in flight", "latency", "conns", "why"];
    let table = Table::new(rows, room.widths(longest))
        .header(room.row(heads.map(str::to_owned)).style(Style::new().add_modifier(Modifier::UNDERLINED)))
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    frame.render_stateful_widget(table, area, &mut TableState::new().with_selected(selected));
}

/// From this width on, there is room for all columns.
const WIDE: u16 = 100;

/// How many columns there is room for.
#[derive(Clone, Copy)]
enum Room {
    Narrow,
    Wide,
}

impl Room {
    fn row(self, all: [String; 8]) -> Row<'static> {
        match self {
            Self::Wide => Row::new(all),
            Self::Narrow => {
                let [endpoint, state, _, rate, _, _, _, why] = all;
                Row::new([endpoint, state, rate, why])
            }
        }
    }

    /// `longest` is the length of the longest URL.
    fn widths(self, longest: usize) -> Vec<Constraint> {
        let endpoint = u16::try_from(longest.clamp(10, 46)).unwrap_or(46).saturating_add(2);
        let fixed: &[u16] = match self {
            Self::Wide => &[endpoint, 10, 5, 8, 9, 9, 5],
            Self::Narrow => &[endpoint, 10, 8],
        };
        let fixed = fixed.iter().map(|width| Constraint::Length(*width));
        fixed.chain([Constraint::Fill(1)]).collect()
    }
}

fn pool_row(pool: &Pool) -> Row<'static> {
    let (usable, all) = (pool.usable, pool.endpoints.len());
    let style = if usable == 0 { BAD } else { Style::new() }.add_modifier(Modifier::BOLD);
    Row::new([printable(&pool.name), format!("{usable} of {all}")]).style(style)
}

fn cells(endpoint: &Endpoint) -> [String; 8] {
    [
        format!("  {}", printable(&endpoint.url)),
        endpoint.state.replace('_', " "),
        percent(endpoint.share),
        tenths(endpoint.requests_per_second),
        endpoint.in_flight.to_string(),
        endpoint.latency_ms.map_or_else(String::new, |latency| format!("{latency:.1} ms")),
        endpoint.connections.open.to_string(),
        printable(&report::why(endpoint)),
    ]
}

const BAD: Style = Style::new().fg(Color::Red);

fn style_of(state: &str) -> Style {
    match state {
        "ejected" | "down" => BAD,
        "draining" | "paused" => Style::new().fg(Color::Yellow),
        "trial" | "slow_start" => Style::new().fg(Color::Cyan),
        _ => Style::new(),
    }
}

fn footer(model: &Model) -> Line<'static> {
    let keys = "d drain  e enable  ? keys  q quit";
    let last = model.last_failure.as_ref().map(report::failure);
    let said = model.said.as_deref().map(printable).or(last);
    Line::from(said.map_or_else(|| keys.to_owned(), |said| format!("{keys}   {said}"))).dim()
}

fn draw_help(frame: &mut Frame<'_>) {
    let lines: Vec<Line<'_>> =
        KEYS.iter().map(|(key, does)| Line::from(format!("{key:<20} {does}"))).collect();
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = frame.area().centered(Constraint::Max(86), Constraint::Max(height));
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title("keys")), area);
}
