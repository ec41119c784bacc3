// Writes internal/message/intl_table.go: the few dates, words and money formats that wismo needs of each locale,
// taken from Node's Intl (CLDR). It runs at development time only; the output is committed and held by golden tests.
// Usage: node hack/locales/generate.mjs > internal/message/intl_table.go

// Where a bare language is used in several countries, the data are those of the country beside it.
const locales = {
  bg: 'bg-BG', cs: 'cs-CZ', da: 'da-DK', de: 'de-DE', en: 'en-GB', es: 'es-ES', et: 'et-EE', fi: 'fi-FI', fr: 'fr-FR',
  hr: 'hr-HR', hu: 'hu-HU', it: 'it-IT', lt: 'lt-LT', lv: 'lv-LV', nb: 'nb-NO', nl: 'nl-NL', pl: 'pl-PL', pt: 'pt-PT',
  ro: 'ro-RO', sk: 'sk-SK', sl: 'sl-SI', sv: 'sv-SE',
};

const currencies = ['EUR', 'GBP', 'USD', 'CHF', 'SEK', 'NOK', 'DKK', 'ISK', 'PLN', 'CZK', 'HUF', 'RON', 'BGN', 'JPY', 'CAD', 'AUD'];

// CLDR holds no case forms of weekdays; these languages need one, with its preposition, to say "on Friday".
const weekdaysOn = {
  pl: ['w niedzielę', 'w poniedziałek', 'we wtorek', 'w środę', 'w czwartek', 'w piątek', 'w sobotę'],
  cs: ['v neděli', 'v pondělí', 'v úterý', 've středu', 've čtvrtek', 'v pátek', 'v sobotu'],
  sk: ['v nedeľu', 'v pondelok', 'v utorok', 'v stredu', 'vo štvrtok', 'v piatok', 'v sobotu'],
  hr: ['u nedjelju', 'u ponedjeljak', 'u utorak', 'u srijedu', 'u četvrtak', 'u petak', 'u subotu'],
  sl: ['v nedeljo', 'v ponedeljek', 'v torek', 'v sredo', 'v četrtek', 'v petek', 'v soboto'],
};

// Nor does it hold that these languages write the first of a month as an ordinal.
const first = { fr: '1er', it: '1º' };

const day = (month, d) => new Date(Date.UTC(2023, month, d)); // 1 January 2023 is a Sunday
const part = (parts, type) => parts.find((p) => p.type === type)?.value ?? '';
const format = (tag, options) => new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...options });

function pattern(tag, options, names) {
  return format(tag, options).formatToParts(day(10, 24)).map((p) => names[p.type] ?? p.value).join('');
}

// span writes days from one to another: {d} and {m} are of its first day, {e} and {n} of its last. Where CLDR writes the month of a span
// as a number, the two days are written out.
function span(tag, from, to) {
  const names = { startRange: { day: '{d}', month: '{m}' }, endRange: { day: '{e}', month: '{n}' }, shared: { month: '{m}' } };
  const parts = format(tag, { day: 'numeric', month: 'long' }).formatRangeToParts(from, to);
  if (parts.some((p) => p.type === 'month' && /\d/.test(p.value))) {
    const one = (d, m) => pattern(tag, { day: 'numeric', month: 'long' }, { day: d, month: m });
    return `${one('{d}', '{m}')} – ${one('{e}', '{n}')}`;
  }
  return parts.map((p) => names[p.source][p.type] ?? p.value).join('');
}

function money(tag) {
  const parts = new Intl.NumberFormat(tag, { style: 'currency', currency: 'EUR' }).formatToParts(1234567.5);
  const euro = part(parts, 'currency');
  const plain = new Intl.NumberFormat(tag, { style: 'currency', currency: 'EUR' }).format(1.5);
  const grouped = new Intl.NumberFormat(tag, { style: 'currency', currency: 'EUR' }).formatToParts(1234.5);
  return {
    pattern: plain.replace(euro, '¤').replace(/1.50/, 'N'),
    decimal: part(parts, 'decimal'), group: part(parts, 'group'),
    minGroup: grouped.some((p) => p.type === 'group') ? 4 : 5,
    symbols: Object.fromEntries(currencies.map((c) => [c, part(new Intl.NumberFormat(tag, { style: 'currency', currency: c }).formatToParts(1), 'currency')])),
  };
}

function table(lang, tag) {
  const long = { weekday: 'long', day: 'numeric', month: 'long' };
  const names = { weekday: '{w}', day: '{d}', month: '{m}' };
  const range = (n) => [...Array(n).keys()];
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' });
  return {
    full: pattern(tag, long, names),
    date: pattern(tag, { day: 'numeric', month: 'long' }, names),
    fullYear: pattern(tag, { ...long, year: 'numeric' }, { ...names, year: '{y}' }),
    dateYear: pattern(tag, { day: 'numeric', month: 'long', year: 'numeric' }, { ...names, year: '{y}' }),
    spanDays: span(tag, day(10, 2), day(10, 4)), spanMonths: span(tag, day(10, 28), day(11, 2)),
    short: pattern(tag, { day: 'numeric', month: 'short' }, names),
    time: pattern(tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, { hour: '{h}', minute: '{i}' }),
    first: first[lang] ?? null,
    weekdays: range(7).map((i) => part(format(tag, long).formatToParts(day(0, 1 + i)), 'weekday')),
    weekdaysOn: weekdaysOn[lang] ?? null,
    months: range(12).map((i) => part(format(tag, { day: 'numeric', month: 'long' }).formatToParts(day(i, 15)), 'month')),
    shortMonths: range(12).map((i) => part(format(tag, { day: 'numeric', month: 'short' }).formatToParts(day(i, 15)), 'month')),
    yesterday: relative.format(-1, 'day'), today: relative.format(0, 'day'), tomorrow: relative.format(1, 'day'),
    name: new Intl.DisplayNames([tag], { type: 'language' }).of(lang),
    money: money(tag),
  };
}

const q = (s) => JSON.stringify(s).replace(/[\u00a0\u202f\u200f]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
const list = (a) => `{${a.map(q).join(', ')}}`;

function literal(lang, t) {
  const symbols = Object.entries(t.money.symbols).map(([c, s]) => `${q(c)}: ${q(s)}`).join(', ');
  return `\t${q(lang)}: {
\t\tname: ${q(t.name)},
\t\tfull: ${q(t.full)}, date: ${q(t.date)}, short: ${q(t.short)}, time: ${q(t.time)},
\t\tfullYear: ${q(t.fullYear)}, dateYear: ${q(t.dateYear)}, spanDays: ${q(t.spanDays)}, spanMonths: ${q(t.spanMonths)},
${t.first ? `\t\tfirst: ${q(t.first)},\n` : ''}\t\tweekdays:    [7]string${list(t.weekdays)},
${t.weekdaysOn ? `\t\tweekdaysOn:  [7]string${list(t.weekdaysOn)},\n` : ''}\t\tmonths:      [12]string${list(t.months)},
\t\tshortMonths: [12]string${list(t.shortMonths)},
\t\tyesterday:   ${q(t.yesterday)}, today: ${q(t.today)}, tomorrow: ${q(t.tomorrow)},
\t\tmoney:       moneyFormat{pattern: ${q(t.money.pattern)}, decimal: ${q(t.money.decimal)}, group: ${q(t.money.group)}, groupFrom: ${t.money.minGroup}},
\t\tsymbols:     map[string]string{${symbols}},
\t},`;
}

console.log(`// Code generated by hack/locales/generate.mjs from CLDR ${process.versions.cldr}. DO NOT EDIT.

package message

var intlTable = map[string]intl{
${Object.entries(locales).map(([lang, tag]) => literal(lang, table(lang, tag))).join('\n')}
}`);
