// Package locale holds what depends on a country, a language or a clock: time zones, calendar days, public holidays,
// the decimals of currencies, quantities, plural forms and first names.
//
// It is pure: it reads no clock, no network and no database. Tables and zones are read when first used, so importing it costs little memory.
package locale
