"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // Where a chart has a colour it names a CSS variable.
  const coloured = (part, style, isColour = false) => {
    if (typeof part === "string") return isColour ? style.getPropertyValue(part).trim() : part;
    if (Array.isArray(part)) return part.map((one) => coloured(one, style, isColour));
    if (part === null || typeof part !== "object") return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, one]) => [key, coloured(one, style, key.endsWith("color"))]),
    );
  };

  const themed = (style) => {
    const [card, font] = [style.getPropertyValue("--card").trim(), { family: style.fontFamily, color: style.color }];
    return {
      font: { ...font, size: 13 },
      hoverlabel: { align: "left", bgcolor: card, font },
      paper_bgcolor: card,
      plot_bgcolor: card,
    };
  };

  const draw = () => {
    const style = getComputedStyle(document.body);
    const drawn = [...document.querySelectorAll(".chart")].map((place) => {
      const { data, layout } = coloured(charts[place.dataset.kind][place.dataset.of], style);
      const options = { responsive: true, displayModeBar: false };
      return Plotly.react(place, data, { ...layout, ...themed(style) }, options);
    });
    return Promise.all(drawn).then(() => { document.body.dataset.drawn = drawn.length; });
  };

  draw();
  dark.addEventListener("change", draw);
})();
