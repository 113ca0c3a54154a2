const widthUnits = 100;
const heightUnits = 24;

/** A small line chart. The text beside it says the same for people who cannot see it. */
export function SparkLine({ values, most }: { values: readonly number[]; most: number }) {
  const step = widthUnits / Math.max(1, values.length - 1);
  const points = values.map((value, i) => {
    const y = heightUnits - 1 - (Math.min(value, most) / most) * (heightUnits - 2);
    return `${(i * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${widthUnits} ${heightUnits}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <polyline points={points.join(' ')} />
    </svg>
  );
}
