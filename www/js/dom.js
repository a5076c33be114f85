// The few things that every view does to its elements.

// The element with the hook data-name inside root.
export function hook(root, name) {
  return root.querySelector(`[data-${name}]`)
}

// A new element from <template data-template="name">.
export function fromTemplate(name) {
  const template = document.querySelector(`template[data-template="${name}"]`)
  return template.content.firstElementChild.cloneNode(true)
}

export function showIcon(svg, name) {
  svg.querySelector("use").setAttribute("href", `/icons/icons.svg#${name}`)
}

// Writes only what differs, so that nothing is announced or laid out anew.
export function setText(element, content) {
  if (element.textContent !== content) element.textContent = content
}

// Shows somebody by the initials of their name.
export function showAvatar(element, { id, name, online = false }) {
  setText(element, initials(name))
  element.dataset.tint = id % 7
  element.toggleAttribute("data-online", online)
}

function initials(name) {
  const words = name.split(/[\s._-]+/u).filter(Boolean)
  const chosen = words.length > 1 ? [words[0], words.at(-1)] : words
  return chosen.map((word) => [...word][0].toLocaleUpperCase()).join("")
}
