// Texts in the language of messages.js, with what is to be filled in.

import { LANGUAGE, MESSAGES } from "./messages.js"

const plural = new Intl.PluralRules(LANGUAGE)
const number = new Intl.NumberFormat(LANGUAGE)

export function hasText(key) {
  return key in MESSAGES
}

export function text(key, values = {}) {
  const entry = MESSAGES[key]
  if (entry === undefined) throw new RangeError(`no such text: ${key}`)
  const pattern = typeof entry === "string" ? entry : entry[plural.select(values.count)] ?? entry.other
  return pattern.replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === "number" ? number.format(values[name]) : values[name])
}

// What an ApiError means to a person.
export function errorText({ code, message }) {
  const key = `error.${code}`
  return hasText(key) ? text(key) : text("error.unknown", { code: code ?? message })
}

// Fills what the page says with data-text (its content), data-label (its
// accessible name) and data-placeholder.
export function fillTexts(root) {
  for (const element of root.querySelectorAll("[data-text]"))
    element.textContent = text(element.dataset.text)
  for (const element of root.querySelectorAll("[data-label]"))
    element.setAttribute("aria-label", text(element.dataset.label))
  for (const element of root.querySelectorAll("[data-placeholder]"))
    element.placeholder = text(element.dataset.placeholder)
  for (const template of root.querySelectorAll("template"))
    fillTexts(template.content)
}
