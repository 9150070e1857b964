// What the MQTT client brings for browsers and for SOCKS proxies, and an agent never calls.
module.exports = {};
