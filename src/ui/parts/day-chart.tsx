import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { DayCount } from '../../api/types.js';
import { texts } from '../texts.js';

const heightPixels = 180;

/** Exchanges and facts a day, as a chart, and as a table for those who cannot see it. */
export function DayChart({ days }: { days: readonly DayCount[] }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const chart = new UPlot(optionsFor(parent), dataOf(days), parent);
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
  return [
    days.map((day) => Date.parse(day.day) / 1000),
    days.map((day) => day.exchanges),
    days.map((day) => day.facts),
  ];
}

function optionsFor(parent: HTMLElement): UPlot.Options {
  const style = getComputedStyle(parent);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const bars = UPlot.paths.bars?.({ size: [0.6, 24] });
  const axis = { stroke: colour('--quiet'), grid: { stroke: colour('--line') }, ticks: { show: false } };
  return {
    width: parent.clientWidth,
    height: heightPixels,
    cursor: { show: false },
    legend: { show: true, live: false },
    axes: [axis, { ...axis, size: 36 }],
    series: [
      {},
      {
        label: texts.overview.exchanges,
        fill: colour('--accent'),
        ...(bars !== undefined && { paths: bars }),
        points: { show: false },
      },
      { label: texts.overview.facts, stroke: colour('--text'), width: 2, points: { show: true, size: 5 } },
    ],
  };
}
