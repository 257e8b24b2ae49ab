/* Maps and tables of a report. Texts of the data enter the page through textContent only. */
(function () {
  "use strict";
  var UNIT = 1e-5;

  function read(name) { return JSON.parse(document.getElementById(name).textContent); }
  function all(selector, root) { return Array.prototype.slice.call((root || document).querySelectorAll(selector)); }

  function decode(flat) {
    var line = [], x = 0, y = 0;
    for (var i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      line.push([y * UNIT, x * UNIT]);
    }
    return line;
  }

  function lines(texts) {
    var box = document.createElement("div");
    texts.forEach(function (text) {
      if (!text) return;
      var line = document.createElement("p");
      line.textContent = text;
      box.appendChild(line);
    });
    return box;
  }

  function span(text) {
    var made = document.createElement("span");
    made.textContent = text;
    return made;
  }

  function tell(layer, texts) {
    if (!texts.join("")) return layer;
    layer.on("popupopen", function () { layer.closeTooltip(); });
    return layer.bindPopup(function () { return lines(texts); }, { minWidth: 130, maxWidth: 320 })
      .bindTooltip(function () { return lines(texts); }, { direction: "top", sticky: layer instanceof L.Path && !(layer instanceof L.CircleMarker) });
  }

  function polygon(map, area, options) {
    return L.polygon(area.r.map(decode), L.extend({ renderer: map.areas, smoothFactor: 0.6 }, options));
  }

  function quiet(map, name, made) {
    return L.extend({ pane: name, renderer: map["quiet-" + name], interactive: false, smoothFactor: 0.8 }, made);
  }

  /* Layers shown from a zoom on. */
  function byZoom(map, groups) {
    var layer = L.layerGroup();
    function update() {
      Object.keys(groups).forEach(function (zoom) {
        if (map.getZoom() >= Number(zoom)) layer.addLayer(groups[zoom]); else layer.removeLayer(groups[zoom]);
      });
    }
    layer.on("add", function () { map.on("zoomend", update); });
    layer.on("remove", function () { map.off("zoomend", update); });
    update();
    return layer;
  }

  /* Labels that lie on no other; the first of a list are the most important. */
  function labels(map, list, look, place, room) {
    var layer = L.layerGroup();
    function update() {
      var size = map.getSize(), taken = [];
      layer.clearLayers();
      list.forEach(function (label) {
        var at = map.latLngToContainerPoint([label[0], label[1]]);
        if (at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return;
        var half = room(String(label[2]));
        var box = [at.x - half, at.y - 9, at.x + half, at.y + 9];
        var free = taken.every(function (other) {
          return box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3];
        });
        if (!free) return;
        taken.push(box);
        var icon = L.divIcon({ className: look, iconSize: [0, 0], html: span(label[2]) });
        layer.addLayer(L.marker([label[0], label[1]], { icon: icon, interactive: false, keyboard: false, pane: place }));
      });
    }
    layer.on("add", function () { map.on("moveend resize", update); update(); });
    layer.on("remove", function () { map.off("moveend resize", update); });
    return layer;
  }

  var measure = document.createElement("canvas").getContext("2d");
  measure.font = "12px sans-serif";
  function width(text) { return measure.measureText(text).width / 2 + 4; }

  var MAKE = {
    boundary: function (map, data) {
      var parts = [];
      if (data.hatched) {
        parts.push(L.polygon(data.rings.map(decode), quiet(map, "ground", { stroke: false, fillColor: "url(#hatch-ground)", fillOpacity: 1 })));
      }
      parts.push(L.polyline(data.lines.map(decode), quiet(map, "outlines", { color: "#52606D", weight: 1.2, fill: false })));
      parts.push(labels(map, data.names, "name", "names", width));
      return L.layerGroup(parts);
    },
    roads: function (map, data) {
      var drawn = data.lines.map(decode);
      return L.layerGroup([["#3E4C59", 2.4, 0.6], ["#FFFFFF", 1.1, 0.95]].map(function (look) {
        return L.polyline(drawn, quiet(map, "roads", { color: look[0], weight: look[1], opacity: look[2] }));
      }));
    },
    water: function (map, data) {
      return L.layerGroup([
        L.polygon(data.rings.map(decode), quiet(map, "roads", { stroke: false, fillColor: "#9EC5D9", fillOpacity: 1 })),
        L.polyline(data.lines.map(decode), quiet(map, "roads", { color: "#9EC5D9", weight: 1.2 })),
      ]);
    },
    bands: function (map, data) {
      return L.layerGroup(data.areas.map(function (area) {
        return tell(polygon(map, area, {
          stroke: false, fillColor: area.c || "url(#hatch-ground)", fillOpacity: 1,
        }), area.t);
      }));
    },
    gaps: function (map, data) {
      var parts = data.areas.map(function (area) {
        return tell(polygon(map, area, { color: "#6B1F0A", weight: 1.6, fillColor: "#9C3B1B", fillOpacity: 0.12 }), area.t);
      });
      var ranks = data.areas.map(function (area) { return [area.at[0], area.at[1], area.n]; });
      parts.push(labels(map, ranks, "rank", "ranks", function (text) { return 8 + 3 * text.length; }));
      return L.layerGroup(parts);
    },
    change: function (map, data) {
      var parts = data.areas.map(function (area) {
        return tell(polygon(map, area, {
          color: area.gain ? "#2166AC" : "#B2182B", weight: 1, fillColor: area.gain ? "#2166AC" : "url(#hatch-loss)",
          fillOpacity: area.gain ? 0.75 : 1,
        }), area.t);
      });
      return L.layerGroup(parts.concat(data.points.map(function (point) {
        return tell(L.circleMarker([point[0], point[1]], {
          radius: 4, color: "#FFFFFF", weight: 0.8, fillColor: point[2] ? "#2166AC" : "#B2182B", fillOpacity: 1,
        }), point[3]);
      })));
    },
    stations: function (map, data) {
      var groups = {};
      data.points.forEach(function (point) {
        var at = [point[0], point[1]], marker;
        if (data.many) {
          marker = L.circleMarker(at, { renderer: map.dots, radius: 3.2, color: "#FFFFFF", weight: 0.8, fillColor: point[4], fillOpacity: 1 });
        } else {
          var html = data.symbols[point[2]];
          var side = Number(/width="([0-9.]+)"/.exec(html)[1]);
          marker = L.marker(at, { icon: L.divIcon({ className: "symbol", html: html, iconSize: [side, side] }), keyboard: false });
        }
        (groups[point[3]] = groups[point[3]] || L.layerGroup()).addLayer(tell(marker, point[5]));
      });
      return byZoom(map, groups);
    },
    sites: function (map, data) {
      return L.layerGroup(data.points.map(function (point, row) {
        var icon = L.divIcon({ className: "number", iconSize: [24, 24], html: span(point[2]) });
        return tell(L.marker([point[0], point[1]], { icon: icon, keyboard: false, zIndexOffset: 1000 - row }), point[3]);
      }));
    },
  };

  function pane(map, name, order) {
    var made = map.createPane(name);
    made.style.zIndex = order;
    made.style.pointerEvents = "none";
  }

  function mount(box, data) {
    if (box.mounted) return;
    box.mounted = true;
    var spec = data.maps[Number(box.dataset.map)];
    var map = L.map(box, { attributionControl: false, zoomSnap: 0.25, maxZoom: 16, scrollWheelZoom: false, preferCanvas: false });
    box.map = map;
    [["ground", 340], ["roads", 420], ["outlines", 430], ["names", 595], ["ranks", 645]].forEach(function (one) { pane(map, one[0], one[1]); });
    map["quiet-ground"] = L.svg({ pane: "ground", padding: 0.4 });
    map["quiet-roads"] = L.svg({ pane: "roads", padding: 0.3 });
    map["quiet-outlines"] = L.svg({ pane: "outlines", padding: 0.3 });
    map.areas = L.svg({ padding: 0.4 });
    map.createPane("dots").style.zIndex = 590;
    map.dots = L.canvas({ pane: "dots", padding: 0.3 });
    map.fitBounds(spec.bounds, { padding: [10, 10], animate: false });
    map.setMinZoom(Math.max(2, map.getZoom() - 2));
    L.control.scale({ imperial: false }).addTo(map);
    map.on("focus click", function () { map.scrollWheelZoom.enable(); });
    map.on("blur mouseout", function () { map.scrollWheelZoom.disable(); });
    function size() { box.classList.toggle("far", map.getZoom() < 10); }
    map.on("zoomend", size);
    size();
    var made = spec.layers.map(function (number) {
      var layer = data.layers[number];
      return MAKE[layer.kind](map, layer);
    });
    var switches = all("input[data-layer]", box.closest("figure"));
    function draw() {
      /* From the lowest up, so that what is switched on again lies where it belongs. */
      made.forEach(function (layer) { map.removeLayer(layer); });
      made.forEach(function (layer, number) {
        var control = switches.filter(function (one) { return Number(one.dataset.layer) === number; })[0];
        if (!control || control.checked) map.addLayer(layer);
      });
    }
    switches.forEach(function (control) { control.addEventListener("change", draw); });
    draw();
    new ResizeObserver(function () { map.invalidateSize({ animate: false }); }).observe(box);
  }

  function prepareTable(box) {
    var body = box.querySelector("tbody"), heads = all("th", box), rows = all("tr", body);
    var collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
    heads.forEach(function (head, column) {
      head.querySelector("button").addEventListener("click", function () {
        var isNumber = head.classList.contains("n");
        var down = head.getAttribute("aria-sort") === (isNumber ? "none" : "ascending");
        if (isNumber && head.getAttribute("aria-sort") === "ascending") down = true;
        var keyed = rows.map(function (row, place) {
          var cell = row.cells[column], key = isNumber ? cell.dataset.v : cell.textContent;
          return { row: row, place: place, key: isNumber && key !== "" ? Number(key) : key };
        });
        keyed.sort(function (a, b) {
          var order;
          if (a.key === "" || b.key === "") return a.key === b.key ? a.place - b.place : a.key === "" ? 1 : -1;
          order = isNumber ? a.key - b.key : collator.compare(a.key, b.key);
          return (down ? -order : order) || a.place - b.place;
        });
        heads.forEach(function (other) { other.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        keyed.forEach(function (one) { body.appendChild(one.row); });
      });
    });
    var input = box.querySelector("input");
    if (!input) return;
    var output = box.querySelector("output");
    input.addEventListener("input", function () {
      var wanted = input.value.trim().toLowerCase(), shown = 0;
      rows.forEach(function (row) {
        var found = row.textContent.toLowerCase().indexOf(wanted) >= 0;
        row.hidden = !found;
        shown += found ? 1 : 0;
      });
      output.textContent = wanted ? output.dataset.words.replace("{shown}", shown) : "";
    });
  }

  var data = read("data");
  var boxes = all(".map");
  var seen = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      seen.unobserve(entry.target);
      mount(entry.target, data);
    });
  }, { rootMargin: "400px" });
  boxes.forEach(function (box) { seen.observe(box); });
  window.addEventListener("beforeprint", function () {
    boxes.forEach(function (box) {
      mount(box, data);
      box.map.invalidateSize({ animate: false });
    });
  });
  all(".table").forEach(prepareTable);

  var links = all("nav a");
  var sections = all("main section");
  function follow() {
    var here = sections.filter(function (section) { return section.getBoundingClientRect().top < 120; }).length - 1;
    links.forEach(function (link, row) { link.classList.toggle("here", row === Math.max(here, 0)); });
  }
  window.addEventListener("scroll", follow, { passive: true });
  follow();

  var save = document.getElementById("save-run"); // a preview has none
  if (save) save.addEventListener("click", function () {
    var link = document.createElement("a");
    var address = URL.createObjectURL(new Blob([JSON.stringify(read("run"), null, 2)], { type: "application/json" }));
    link.href = address;
    link.download = "run.json";
    link.click();
    URL.revokeObjectURL(address);
  });
})();
