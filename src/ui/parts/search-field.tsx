interface SearchFieldProps {
  readonly label: string;
  readonly value: string;
  readonly change: (value: string) => void;
  /** `grow`: takes the rest of its line. `block`: has a line of its own. */
  readonly layout?: 'grow' | 'block';
  /** Id of a `datalist` with suggestions. */
  readonly list?: string;
}

/** A labelled input that searches or filters while the user types. */
export function SearchField({ label, value, change, layout, list }: SearchFieldProps) {
  return (
    <label class={layout}>
      <span>{label}</span>
      <input
        type="search"
        dir="auto"
        list={list}
        value={value}
        onInput={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}
