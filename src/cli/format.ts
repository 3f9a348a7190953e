/** Formats numbers for people. */

/** Formats a fraction as a percentage, such as '97.4 %'. */
export function percent(fraction: number, digits: number): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}

/** Formats seconds as '42 s', '3 min 05 s' or '2 h 10 min'. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (hours > 0) return `${hours} h ${pad(minutes)} min`;
  return minutes > 0 ? `${minutes} min ${pad(rest)} s` : `${rest} s`;
}

/** Formats an integer with thousands separators, such as '10,000'. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
