/* Draws the planner's layers on a Leaflet map. Data come encoded and checked from geodata.maps. */
(function () {
  "use strict";
  var UNIT = 1e-5;
  var ROAD_LOOKS = [
    { weight: 2.2, casing: 1.6 },
    { weight: 1.6, casing: 1.4 },
    { weight: 1.1, casing: 1.1 },
    { weight: 0.8, casing: 0.8 },
    { weight: 0.5, casing: 0.6 },
  ];
  var OUTLINE_LOOKS = [
    { color: "#7B8794", weight: 0.7, dashArray: "3 3" },
    { color: "#52606D", weight: 1.3 },
    { color: "#3E4C59", weight: 1.8 },
  ];

  /* Each a dark line with a light edge, readable on every band. */
  var SHAPE_LOOKS = {
    gaps: { color: "#6B1F0A", weight: 1.8, edge: 3.6, fillColor: "#9C3B1B", fillOpacity: 0.1 },
    area: { color: "#0B3C5D", weight: 2, edge: 4.2, fill: false },
    excluded: { color: "#52606D", weight: 1.4, edge: 3, dashArray: "6 4", fillColor: "#52606D", fillOpacity: 0.14 },
    own: { color: "#4B2E83", weight: 2.2, edge: 4.6, dashArray: "7 5", fillColor: "#4B2E83", fillOpacity: 0.08 },
  };
  var PATH_LOOKS = {
    road: { color: "#4B2E83", weight: 4, edge: 7 },
    walk: { color: "#4B2E83", weight: 3, edge: 5, dashArray: "2 6" },
    closed: { color: "#1F2933", weight: 4, edge: 7, dashArray: "8 6" },
    slowed: { color: "#8A5A00", weight: 4, edge: 7, dashArray: "3 5" },
  };

  var DOT_LOOKS = {
    far: { radius: 5, color: "#1F2933", weight: 1.6, fillColor: "#FFFFFF", fillOpacity: 0.9 },
    uncovered: { radius: 2.6, color: "#FFFFFF", weight: 0.4, fillColor: "#9C3B1B", fillOpacity: 0.8 },
    gain: { radius: 4, color: "#FFFFFF", weight: 0.8, fillColor: "#2166AC", fillOpacity: 1 },
    candidates: { radius: 4.5, color: "#1F4E79", weight: 1.4, fillColor: "#FFFFFF", fillOpacity: 0.35 },
  };

  L.Icon.Default.imagePath = "images/";
  L.Control.Attribution.prototype.options.prefix = false;

  function decode(flat) {
    var line = [], x = 0, y = 0;
    for (var i = 0; i < flat.length; i += 2) {
      x += flat[i];
      y += flat[i + 1];
      line.push([y * UNIT, x * UNIT]);
    }
    return line;
  }

  function mapOf(parent) {
    return parent instanceof L.Map ? parent : parent._map || window.planner.current;
  }

  /* A layer keeps its place on the map as long as its key stays the same. */
  function renew(parent, slot, key, make) {
    var map = mapOf(parent);
    var kept = map._planner[slot];
    if (kept && kept.key === key) return;
    if (kept && kept.layer) map.removeLayer(kept.layer);
    var layer = key ? make(map) : null;
    map._planner[slot] = { key: key, layer: layer };
    if (layer) layer.addTo(map);
  }

  /* Lines in a pane that takes no clicks, the light edge beneath the dark line. */
  function stroke(group, make, look, name, renderer) {
    var shared = { pane: name, renderer: renderer, interactive: false, smoothFactor: 0.8, lineCap: "butt" };
    group.addLayer(make(L.extend({}, shared, {
      color: "#FFFFFF", weight: look.edge, opacity: 0.85, fill: false,
    })));
    group.addLayer(make(L.extend({}, shared, {
      color: look.color, weight: look.weight, opacity: 1, dashArray: look.dashArray || null,
      fill: !!look.fillColor, fillColor: look.fillColor, fillOpacity: look.fillOpacity || 0,
    })));
  }

  /* Layers of `groups`, by the zoom from which each is shown, while `all` is on the map. */
  function followZoom(map, all, groups) {
    function update() {
      Object.keys(groups).forEach(function (zoom) {
        if (map.getZoom() >= Number(zoom)) all.addLayer(groups[zoom]);
        else all.removeLayer(groups[zoom]);
      });
    }
    all.on("add", function () { map.on("zoomend", update); });
    all.on("remove", function () { map.off("zoomend", update); });
    update();
  }

  /* Only labels in view that lie on no other one are in the document: there may be hundreds. */
  function followRanks(map, all, labels) {
    var shown = L.layerGroup();
    function update() {
      var size = map.getSize();
      var taken = [];
      shown.clearLayers();
      labels.forEach(function (label) {
        var at = map.latLngToContainerPoint([label[0], label[1]]);
        if (map.getZoom() < label[2] || at.x < 0 || at.y < 0 || at.x > size.x || at.y > size.y) return;
        var free = taken.every(function (other) { return Math.abs(other.x - at.x) > 26 || Math.abs(other.y - at.y) > 17; });
        if (!free) return;
        taken.push(at);
        var icon = L.divIcon({ className: "planner-rank", iconSize: [0, 0], html: "<span>" + label[3] + "</span>" });
        shown.addLayer(L.marker([label[0], label[1]], { icon: icon, interactive: false, keyboard: false, pane: "ranks" }));
      });
    }
    all.on("add", function () { map.on("moveend resize", update); });
    all.on("remove", function () { map.off("moveend resize", update); });
    update();
    all.addLayer(shown);
  }

  function pane(map, name, order) {
    var made = map.createPane(name);
    made.style.zIndex = order;
    made.style.pointerEvents = "none";
    return made;
  }

  function showByZoom(map, layer, zoom) {
    function update() {
      var wanted = map.getZoom() >= zoom;
      if (wanted && !map.hasLayer(layer)) map.addLayer(layer);
      if (!wanted && map.hasLayer(layer)) map.removeLayer(layer);
    }
    map.on("zoomend", update);
    update();
  }

  function placeNames(map) {
    var taken = [];
    var zoom = map.getZoom();
    var size = map.getSize();
    map._plannerNames.forEach(function (name) {
      var element = name.marker.getElement();
      if (!element) return;
      var at = map.latLngToContainerPoint(name.marker.getLatLng());
      var half = name.width / 2 + 3;
      var box = [at.x - half, at.y - 9, at.x + half, at.y + 9];
      var free = zoom >= name.zoom && at.x > -50 && at.y > -20 && at.x < size.x + 50 && at.y < size.y + 20;
      free = free && taken.every(function (other) {
        return box[2] < other[0] || box[0] > other[2] || box[3] < other[1] || box[1] > other[3];
      });
      element.classList.toggle("planner-hidden", !free);
      if (free) taken.push(box);
    });
  }

  window.planner = {
    prepare: function (map, data) {
      window.planner.current = map;
      map._planner = {};
      map._plannerNames = [];
      pane(map, "bands", 340);
      pane(map, "roads", 350);
      pane(map, "outlines", 360);
      pane(map, "shapes", 364);
      pane(map, "highlight", 370);
      pane(map, "paths", 380);
      pane(map, "names", 640);
      pane(map, "ranks", 645);
      pane(map, "numbers", 646);
      map._plannerShapes = L.canvas({ pane: "shapes", padding: 0.3 });
      map._plannerPaths = L.svg({ pane: "paths", padding: 0.3 });
      L.control.scale({ imperial: false }).addTo(map);
      map.fitBounds(data.bounds, { padding: [8, 8], animate: false });
      map.setMinZoom(Math.max(3, map.getZoom() - 2));
      map.setMaxZoom(data.maxZoom);
      var marker = L.circleMarker([0, 0], {
        pane: "markerPane", renderer: L.svg({ pane: "markerPane" }), radius: 7, color: "#FFFFFF", weight: 2,
        fillColor: "#1F4E79", fillOpacity: 1, interactive: false,
      });
      map.on("click", function (event) {
        if (map._plannerMarks !== false) marker.setLatLng(event.latlng).addTo(map);
      });
      map._plannerClick = marker;
      map.on("zoomend moveend resize", function () { placeNames(map); });
      function sizeSymbols() {
        map.getContainer().classList.toggle("planner-far", map.getZoom() < 10);
      }
      map.on("zoomend", sizeSymbols);
      sizeSymbols();
    },

    /* Hatched at the scale of the screen; shown only together with bands. */
    ground: function (map, data) {
      var hatch = document.createElement("div");
      hatch.innerHTML = '<svg width="0" height="0" style="position:absolute"><defs><pattern id="planner-hatch" width="6" height="6" ' +
        'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#ECEEF0"/>' +
        '<rect width="2" height="6" fill="' + data.colour + '" fill-opacity="0.75"/></pattern></defs></svg>';
      map.getContainer().appendChild(hatch);
      map._plannerGround = L.polygon(data.rings.map(decode), {
        pane: "bands", renderer: L.svg({ pane: "bands", padding: 0.5 }), interactive: false, stroke: false,
        fillColor: "url(#planner-hatch)", fillOpacity: 1, smoothFactor: 0.7,
      });
    },

    outlines: function (map, layers) {
      var renderer = L.canvas({ pane: "outlines", padding: 0.3 });
      layers.forEach(function (layer) {
        var look = OUTLINE_LOOKS[layer.rank];
        var drawn = L.polyline(layer.lines.map(decode), {
          renderer: renderer, pane: "outlines", interactive: false, color: look.color, weight: look.weight,
          dashArray: look.dashArray, smoothFactor: 0.7,
        });
        showByZoom(map, drawn, layer.rank === 0 ? 9 : 0);
      });
    },

    roads: function (map, layers) {
      var renderer = L.canvas({ pane: "roads", padding: 0.3 });
      layers.slice().reverse().forEach(function (layer) {
        var look = ROAD_LOOKS[layer.look];
        var lines = layer.lines.map(decode);
        /* Light with a dark edge: readable on dark and light bands and on the bare ground alike. */
        [["#3E4C59", look.weight + look.casing, 0.7], ["#FFFFFF", look.weight, 0.95]].forEach(function (stroke) {
          showByZoom(map, L.polyline(lines, {
            renderer: renderer, pane: "roads", interactive: false, color: stroke[0], weight: stroke[1],
            opacity: stroke[2], smoothFactor: 1,
          }), layer.zoom);
        });
      });
    },

    names: function (map, names) {
      var measure = document.createElement("canvas").getContext("2d");
      measure.font = "14px sans-serif";
      var plain = document.createElement("textarea");
      names.forEach(function (name) {
        plain.innerHTML = name.text;
        var icon = L.divIcon({
          className: "planner-name planner-name-" + name.rank, iconSize: [0, 0], html: "<span>" + name.text + "</span>",
        });
        var marker = L.marker(name.at, { icon: icon, interactive: false, keyboard: false, pane: "names" }).addTo(map);
        map._plannerNames.push({ marker: marker, width: measure.measureText(plain.value).width, zoom: name.zoom });
      });
      placeNames(map);
    },

    bands: function (parent, data) {
      renew(parent, "bands", data.key, function (map) {
        return L.layerGroup([
          map._plannerGround,
          L.imageOverlay(data.url, data.corners, { pane: "bands", zIndex: 300, className: "planner-bands" }),
        ]);
      });
    },

    stations: function (parent, data) {
      renew(parent, "stations", data.key, function (map) {
        var groups = {};
        var all = L.layerGroup();
        data.points.forEach(function (point) {
          var html = data.symbols[point[2]];
          var side = Number(/width="([0-9.]+)"/.exec(html)[1]);
          var icon = L.divIcon({ className: "planner-symbol", html: html, iconSize: [side, side] });
          var own = point[5] !== undefined;
          var marker = L.marker([point[0], point[1]], { icon: icon, bubblingMouseEvents: !own, keyboard: false });
          if (own) marker.on("click", function () { map._plannerTell({ kind: "station", id: point[5], lat: point[0], lng: point[1] }); });
          marker.bindTooltip(point[4], { direction: "top", offset: [0, -4] });
          var zoom = point[3];
          groups[zoom] = groups[zoom] || L.layerGroup();
          groups[zoom].addLayer(marker);
        });
        followZoom(map, all, groups);
        return all;
      });
    },

    shapes: function (parent, data) {
      renew(parent, data.slot, data.key, function (map) {
        var all = L.layerGroup();
        var groups = {};
        data.layers.forEach(function (layer) {
          var rings = layer.rings.map(decode);
          groups[layer.zoom] = L.layerGroup();
          stroke(groups[layer.zoom], function (options) { return L.polygon(rings, options); }, SHAPE_LOOKS[data.slot], "shapes", map._plannerShapes);
        });
        followZoom(map, all, groups);
        if (data.labels.length) followRanks(map, all, data.labels);
        return all;
      });
    },

    paths: function (parent, data) {
      renew(parent, data.slot, data.key, function (map) {
        var all = L.layerGroup();
        data.lines.forEach(function (path) {
          var line = decode(path.line);
          stroke(all, function (options) { return L.polyline(line, options); }, PATH_LOOKS[path.look], "paths", map._plannerPaths);
        });
        return all;
      });
    },

    dots: function (parent, data) {
      renew(parent, data.slot, data.key, function (map) {
        return L.layerGroup(data.points.map(function (point) {
          return L.circleMarker(point, L.extend({
            pane: "paths", renderer: map._plannerPaths, interactive: false,
          }, DOT_LOOKS[data.slot]));
        }));
      });
    },

    numbers: function (parent, data) {
      renew(parent, data.slot, data.key, function () {
        return L.layerGroup(data.points.map(function (point) {
          var icon = L.divIcon({ className: "planner-number", iconSize: [24, 24], html: "<span>" + point[2] + "</span>" });
          var marker = L.marker([point[0], point[1]], {
            icon: icon, pane: "numbers", bubblingMouseEvents: true, keyboard: false, zIndexOffset: 1000 - point[2],
          });
          return marker.bindTooltip(point[3], { direction: "top", offset: [0, -10] });
        }));
      });
    },

    /* A map that is worked on: clicks, drags and keys go to the server as one event with a number of its own. */
    listen: function (map) {
      var count = 0;
      var page = window.parent.document;
      map._plannerTell = function (event) {
        count += 1;
        event.number = Date.now() + "-" + count;
        window.Streamlit.setComponentValue({ event: event });
      };
      map.on("click", function (event) {
        map._plannerTell({ kind: "place", lat: event.latlng.lat, lng: event.latlng.lng });
      });
      function press(event) {
        var target = event.target || {};
        var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName || "") || target.isContentEditable;
        var key = (event.key || "").toLowerCase();
        var control = event.ctrlKey || event.metaKey;
        var meant = control && key === "z" ? (event.shiftKey ? "redo" : "undo") : control && key === "y" ? "redo" : "";
        if (key === "escape" && !control) meant = "leave";
        if (!meant || typing || event.repeat || event.isComposing) return;
        if (meant !== "leave") event.preventDefault();
        map._plannerTell({ kind: meant });
      }
      document.addEventListener("keydown", press);
      page.addEventListener("keydown", press);
      window.addEventListener("pagehide", function () { page.removeEventListener("keydown", press); });
    },

    /* Maps of one page that show the same part of the land, and where the pointer is on the other one. */
    together: function (map, data) {
      var page = window.parent;
      page._plannerPage = page._plannerPage || String(Math.random()).slice(2);
      var channel = new BroadcastChannel("planner-" + page._plannerPage + "-" + data.group);
      var follows = false, waits = false;
      var pointer = L.circleMarker([0, 0], {
        pane: "paths", renderer: map._plannerPaths, interactive: false, radius: 8, color: "#E08A3C", weight: 2.5, fill: false,
      });
      function tell(animate, center, zoom) {
        var at = center || map.getCenter();
        channel.postMessage({ at: [at.lat, at.lng], zoom: zoom === undefined ? map.getZoom() : zoom, animate: animate });
      }
      map.on("move", function () {
        if (follows || waits || map._animatingZoom) return;
        waits = true;
        window.requestAnimationFrame(function () { waits = false; tell(false); });
      });
      map.on("moveend", function () { if (!follows) tell(false); });
      map.on("zoomanim", function (event) { if (!follows) tell(true, event.center, event.zoom); });
      map.on("mousemove", function (event) { channel.postMessage({ pointer: [event.latlng.lat, event.latlng.lng] }); });
      map.on("mouseout", function () { channel.postMessage({ pointer: null }); });
      map.on("click", function (event) { channel.postMessage({ marked: [event.latlng.lat, event.latlng.lng] }); });
      channel.onmessage = function (message) {
        var told = message.data;
        if (told.pointer) pointer.setLatLng(told.pointer).addTo(map);
        else if (told.pointer === null) map.removeLayer(pointer);
        else if (told.marked) map._plannerClick.setLatLng(told.marked).addTo(map);
        else if (told.at) {
          var same = map.getZoom() === told.zoom;
          var off = map.latLngToContainerPoint(told.at).subtract(map.getSize().divideBy(2));
          if (same && Math.abs(off.x) < 1 && Math.abs(off.y) < 1) return;
          follows = true;
          if (same) map.panBy(off, { animate: false });
          else map.setView(told.at, told.zoom, { animate: told.animate });
          follows = false;
        }
      };
    },

    /* Two pictures: the classes of change, and a mask through which the hatching of what is lost is seen. */
    changes: function (parent, data) {
      renew(parent, "changes", data.key, function () {
        var layers = [L.imageOverlay(data.url, data.corners, { pane: "bands", zIndex: 300, className: "planner-changes" })];
        if (data.mask) {
          var hatch = document.createElement("div");
          hatch.style.webkitMaskImage = hatch.style.maskImage = "url(" + data.mask + ")";
          layers.push(L.svgOverlay(hatch, data.corners, { pane: "bands", zIndex: 310, className: "planner-lost" }));
        }
        return L.layerGroup(layers);
      });
    },

    scene: function (parent, data) {
      renew(parent, "scene", data.key, function (map) {
        var all = L.layerGroup();
        var thin = { pane: "paths", renderer: map._plannerPaths, interactive: false };
        map.removeLayer(map._plannerClick);
        data.moves.forEach(function (move) {
          all.addLayer(L.polyline(move, L.extend({ color: "#FFFFFF", weight: 5, opacity: 0.8 }, thin)));
          all.addLayer(L.polyline(move, L.extend({ color: "#3E4C59", weight: 2, dashArray: "4 5" }, thin)));
          all.addLayer(L.circleMarker(move[0], L.extend({ radius: 4, color: "#3E4C59", weight: 2, fillColor: "#FFFFFF", fillOpacity: 1 }, thin)));
        });
        if (data.leg.length) {
          all.addLayer(L.polyline(data.leg, L.extend({ color: "#FFFFFF", weight: 6, opacity: 0.9 }, thin)));
          all.addLayer(L.polyline(data.leg, L.extend({ color: "#4B2E83", weight: 3, dashArray: "2 6" }, thin)));
          all.addLayer(L.circleMarker(data.leg[1], L.extend({ radius: 4, color: "#FFFFFF", weight: 1.5, fillColor: "#4B2E83", fillOpacity: 1 }, thin)));
        }
        if (data.place.length) {
          if (data.place.length > 1) all.addLayer(L.polyline(data.place, L.extend({ color: "#B5541C", weight: 2.5, dashArray: "6 5" }, thin)));
          data.place.forEach(function (at) {
            all.addLayer(L.circleMarker(at, L.extend({ radius: 5, color: "#FFFFFF", weight: 1.5, fillColor: "#B5541C", fillOpacity: 1 }, thin)));
          });
        }
        data.points.forEach(function (point) {
          var icon = L.divIcon({
            className: "planner-scene planner-scene-" + point.look, iconSize: [30, 30],
            html: "<i></i>" + data.symbols[point.symbol],
          });
          var marker = L.marker(point.at, {
            icon: icon, draggable: point.movable, autoPan: true, keyboard: false, zIndexOffset: point.look === "draft" ? 2000 : 1000,
          });
          marker.bindTooltip(point.text, { direction: "top", offset: [0, -14] });
          marker.on("click", function () {
            if (point.id !== "draft") map._plannerTell({ kind: "station", id: point.id, lat: point.at[0], lng: point.at[1] });
          });
          marker.on("dragend", function () {
            var to = marker.getLatLng();
            map._plannerTell({ kind: "drag", id: point.id, lat: to.lat, lng: to.lng });
          });
          all.addLayer(marker);
        });
        return all;
      });
    },

    highlight: function (parent, data) {
      renew(parent, "highlight", data.key, function () {
        return L.layerGroup([
          L.polyline(data.lines.map(decode), { pane: "highlight", renderer: L.svg({ pane: "highlight" }), interactive: false, color: "#FFFFFF", weight: 5.5 }),
          L.polyline(data.lines.map(decode), { pane: "highlight", renderer: L.svg({ pane: "highlight" }), interactive: false, color: "#1F4E79", weight: 3 }),
        ]);
      });
    },

    place: function (parent, data) {
      renew(parent, "place", data.key, function (map) {
        map._plannerClick.setLatLng(data.at).addTo(map);
        var html = data.text.map(function (line) { return "<p>" + line + "</p>"; }).join("");
        return L.popup({ minWidth: 170, maxWidth: 280, autoPan: false, closeOnClick: false, offset: [0, -4] })
          .setLatLng(data.at).setContent(html);
      });
    },

    /* Whether a click leaves a dot at once; every new key takes the last one away. */
    marks: function (parent, data) {
      var map = mapOf(parent);
      if (map._plannerMarksKey === data.key) return;
      map._plannerMarksKey = data.key;
      map._plannerMarks = data.shown;
      map.removeLayer(map._plannerClick);
    },

    focus: function (parent, data) {
      var map = mapOf(parent);
      if (!data.bounds || map._planner.focus === data.number) return;
      map._planner.focus = data.number;
      map.fitBounds(data.bounds, { padding: [24, 24], maxZoom: 13, animate: false });
    },
  };
})();
