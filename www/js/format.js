// Times as a person reads them, in their own time zone.

import { LANGUAGE } from "./messages.js"
import { text } from "./text.js"

// The reader's variety of the language, as "en-GB", decides how times look.
const languages = globalThis.navigator?.languages ?? []
const locale = languages.find((tag) => tag.split("-")[0] === LANGUAGE) ?? LANGUAGE

const clockFormat = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" })
const weekdayFormat = new Intl.DateTimeFormat(locale, { weekday: "long" })
const dayFormat = new Intl.DateTimeFormat(locale, { weekday: "short", day: "numeric", month: "long" })
const dateFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "long", year: "numeric" })
const shortFormat = new Intl.DateTimeFormat(locale, { day: "numeric", month: "numeric", year: "2-digit" })
const wholeFormat = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" })

export const clock = (time) => clockFormat.format(new Date(time))

export const wholeTime = (time) => wholeFormat.format(new Date(time))

// A day as one key, to tell whether two times are of the same.
export function dayKey(time) {
  const date = new Date(time)
  return `${date.getFullYear()}-${date.getMonth()}-${date.getDate()}`
}

// The heading of a day's messages.
export function dayName(time, now = new Date()) {
  const ago = daysAgo(time, now)
  if (ago === 0) return text("day.today")
  if (ago === 1) return text("day.yesterday")
  const sameYear = new Date(time).getFullYear() === now.getFullYear()
  return (sameYear ? dayFormat : dateFormat).format(new Date(time))
}

// Short, for a list: the time today, then the day, then the date.
export function listTime(time, now = new Date()) {
  const ago = daysAgo(time, now)
  if (ago <= 0) return clock(time)
  if (ago === 1) return text("day.yesterday")
  return (ago < 7 ? weekdayFormat : shortFormat).format(new Date(time))
}

// By the calendar, so a day that the clock makes shorter counts as one.
function daysAgo(time, now) {
  const midnight = (date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return (midnight(now) - midnight(new Date(time))) / 86_400_000
}
