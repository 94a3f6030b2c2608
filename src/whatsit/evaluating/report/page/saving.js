// Charts and the confusion matrix as files: what is drawn, with the colours written into it that it has on this page.
{
  const SVG = "http://www.w3.org/2000/svg";
  const TIMES = 3; // as many pixels a unit
  const ROW = 22; // units that a line of a chart's key takes
  const LETTERS = 18; // of a class, around the matrix
  const EDGE = 12, FOOT = 22; // units around the matrix, and those of the line below it
  const COLOURS = ["fill", "stroke"];
  const DRAWN = ["stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "fill-opacity",
    "text-anchor", "font-size", "font-weight", "paint-order"];
  const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });

  // A colour as every reader of SVG knows it: few know mixed ones.
  function plain(colour) {
    if (colour === "none") return colour;
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = colour;
    dot.fillRect(0, 0, 1, 1);
    const [red, green, blue, opaque] = dot.getImageData(0, 0, 1, 1).data;
    return opaque ? `rgb(${red},${green},${blue})` : "none";
  }

  function element(name, attributes, text) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // An empty drawing on the colour that lies under `near`, with an edge around its width and height.
  function sheet(width, height, near, edge = 0) {
    let ground = near;
    while (ground && plain(getComputedStyle(ground).backgroundColor) === "none") ground = ground.parentElement;
    const fill = ground ? plain(getComputedStyle(ground).backgroundColor) : "white";
    const size = { width: width + 2 * edge, height: height + 2 * edge };
    const viewBox = `${-edge} ${-edge} ${size.width} ${size.height}`;
    const made = element("svg", { xmlns: SVG, viewBox, ...size, "font-family": "sans-serif" });
    made.append(element("rect", { x: -edge, y: -edge, ...size, fill }));
    return made;
  }

  function drawChart(figure) {
    const chart = figure.querySelector("svg.chart");
    const { width, height } = chart.viewBox.baseVal;
    const keys = [...figure.querySelectorAll(".key")];
    const made = sheet(width, height + ROW * keys.length, figure);
    const copy = chart.cloneNode(true);
    const copies = [...copy.querySelectorAll("*")];
    [...chart.querySelectorAll("*")].forEach((shown, place) => {
      const style = getComputedStyle(shown);
      for (const name of COLOURS) copies[place].setAttribute(name, plain(style.getPropertyValue(name)));
      for (const name of DRAWN) copies[place].setAttribute(name, style.getPropertyValue(name));
      copies[place].removeAttribute("class");
    });
    made.append(...copy.childNodes);
    const ink = plain(getComputedStyle(figure).color);
    keys.forEach((key, place) => {
      const y = height + ROW * place;
      const fill = plain(getComputedStyle(key, "::before").backgroundColor);
      made.append(element("rect", { x: 66, y: y + 6, width: 18, height: 5, fill }));
      made.append(element("text", { x: 92, y: y + 13, fill: ink, "font-size": "12.5px" }, key.textContent));
    });
    return made;
  }

  function drawTable(table) {
    const scroller = table.parentElement, scrolled = scroller.scrollLeft;
    scroller.scrollLeft = 0; // names of rows stick to the edge otherwise
    const whole = table.getBoundingClientRect();
    const wide = Math.max(Math.ceil(whole.width), 280), high = Math.ceil(whole.height);
    const made = sheet(wide, high + FOOT, table, EDGE);
    const said = "rows: what photos are; columns: what was said";
    const soft = plain(getComputedStyle(table.tHead.querySelector("th")).color);
    made.append(element("text", { x: 0, y: high + FOOT - 4, fill: soft, "font-size": 12 }, said));
    for (const cell of table.querySelectorAll("th, td")) {
      const text = cell.innerText.trim();
      const box = cell.getBoundingClientRect(), style = getComputedStyle(cell);
      const x = box.left - whole.left, y = box.top - whole.top;
      const fill = plain(style.color), size = Number.parseFloat(style.fontSize);
      const name = text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text;
      if (cell.matches("tbody td")) {
        const ground = plain(style.backgroundColor);
        made.append(element("rect", { x, y, width: box.width, height: box.height, rx: 5, fill: ground }));
        const across = x + box.width / 2, down = y + box.height / 2 + size * 0.36;
        made.append(element("text", { x: across, y: down, fill, "font-size": size, "text-anchor": "middle" }, text));
      } else if (cell.matches("tbody th")) {
        const edge = x + box.width - 11, down = y + box.height / 2 + size * 0.36;
        made.append(element("text", { x: edge, y: down, fill, "font-size": size, "text-anchor": "end" }, name));
      } else if (text) {
        const across = x + box.width / 2 + size * 0.36, foot = y + box.height - 5;
        const turned = `rotate(-90 ${across} ${foot})`;
        made.append(element("text", { x: across, y: foot, fill, "font-size": size, transform: turned }, name));
      }
    }
    scroller.scrollLeft = scrolled;
    return made;
  }

  async function asPixels(drawing, width, height) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawing)}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: width * TIMES, height: height * TIMES });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
  }

  async function save(draw, what, kind) {
    const made = draw();
    const drawing = new XMLSerializer().serializeToString(made);
    const content = kind === "svg"
      ? new Blob([drawing], { type: "image/svg+xml" })
      : await asPixels(drawing, Number(made.getAttribute("width")), Number(made.getAttribute("height")));
    const words = `${document.querySelector("h1").textContent} ${what}`.toLowerCase().match(/[\p{L}\p{N}]+/gu);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = `${words.join("-").slice(0, 100)}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  function offer(after, what, draw) {
    const line = document.createElement("p");
    line.className = "save";
    line.append("Save as ");
    for (const kind of ["png", "svg"]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = kind.toUpperCase();
      button.setAttribute("aria-label", `Save as ${button.textContent}: ${what}`);
      button.addEventListener("click", () => save(draw, what, kind));
      line.append(button, " ");
    }
    after.after(line);
  }

  for (const figure of document.querySelectorAll("figure:has(> svg.chart)")) {
    offer(figure, figure.querySelector("svg").getAttribute("aria-label"), () => drawChart(figure));
  }
  const matrix = document.querySelector("table.matrix");
  if (matrix) offer(matrix.parentElement, "Confusion matrix", () => drawTable(matrix));
}
