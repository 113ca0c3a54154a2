import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { DayCount } from '../../api/types.js';
import { texts } from '../texts.js';

const heightPixels = 180;

/** Exchanges and facts for each day, as a chart and as a table for people who cannot see it. */
export function DayChart({ days }: { days: readonly DayCount[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const chart = new UPlot(optionsFor(parent, days), dataOf(days), parent);
    const resized = new ResizeObserver(() =>
      chart.setSize({ width: parent.clientWidth, height: heightPixels }),
    );
    resized.observe(parent);
    return () => {
      resized.disconnect();
      chart.destroy();
    };
  }, [days]);
  return (
    <>
      <div ref={place} aria-hidden="true" class="chart" />
      <table class="unseen">
        <caption>{texts.overview.perDay}</caption>
        <tbody>
          {days.map((day) => (
            <tr key={day.day}>
              <th scope="row">{day.day}</th>
              <td>
                {day.exchanges} {texts.overview.exchanges}
              </td>
              <td>
                {day.facts} {texts.overview.facts}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function dataOf(days: readonly DayCount[]): UPlot.AlignedData {
  return [days.map((_day, index) => index), days.map((day) => day.exchanges), days.map((day) => day.facts)];
}

/** Days without exchanges are not shown. */
function optionsFor(parent: HTMLElement, days: readonly DayCount[]): UPlot.Options {
  const style = getComputedStyle(parent);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const bars = UPlot.paths.bars?.({ size: [0.6, 24] });
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line') }, ticks: { show: false } };
  return {
    width: parent.clientWidth,
    height: heightPixels,
    cursor: { show: false },
    legend: { show: true, live: false },
    scales: { x: { time: false, range: () => [-0.75, days.length - 0.25] } },
    axes: [
      {
        ...axis,
        incrs: [1, 2, 5, 10, 20, 50],
        grid: { show: false },
        values: (_chart, splits) => splits.map((index) => shortDay(days[index]?.day)),
      },
      { ...axis, size: 36, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000] },
    ],
    series: [
      {},
      {
        label: texts.overview.exchanges,
        fill: colour('--accent'),
        ...(bars !== undefined && { paths: bars }),
        points: { show: false },
      },
      {
        label: texts.overview.facts,
        stroke: colour('--text'),
        width: 0,
        paths: () => null,
        points: { show: true, size: 7 },
      },
    ],
  };
}

function shortDay(day: string | undefined): string {
  if (day === undefined) return '';
  return new Date(day).toLocaleDateString(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });
}
