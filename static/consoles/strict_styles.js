// Lets xterm.js work under `style-src 'self'`.
//
// It writes its colours and sizes into <style> elements, and the colours of single cells into style attributes;
// the policy forbids both. Constructed style sheets and element.style are allowed, so those are what it gets.
// Only on the page of the serial console.

const createElement = document.createElement.bind(document);
document.createElement = (name, options) => (name === "style" ? styleElement() : createElement(name, options));

/** Stays empty and unseen; what is written into it becomes a sheet of the document. */
function styleElement() {
  const element = createElement("i"); // an empty <style> is a violation already
  element.hidden = true;
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", { set: (css) => sheet.replaceSync(css) });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}

HTMLSpanElement.prototype.setAttribute = function setAttribute(name, value) {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
};
