//! What the client library tells of the machine (`create` of the client).
use super::call::Call;
use crate::dump::json::Json;

#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    /// Logical processors (HTML, navigator.hardwareConcurrency).
    pub cores: Option<f64>,
    /// Pixels of the screen for one of CSS (CSSOM View, devicePixelRatio).
    pub pixel_ratio: Option<f64>,
}

impl Machine {
    /// Takes note of an event of the client.
    pub fn call(&mut self, call: &Call<'_>) {
        if call.is("create") && call.connection == 0 {
            let number = |object: Json<'_>, name| object.get(name).and_then(Json::as_f64);
            self.cores = number(call.value, "hardwareConcurrency").or(self.cores);
            let ratio = call
                .value
                .get("screen")
                .and_then(|screen| number(screen, "devicePixelRatio"));
            self.pixel_ratio = ratio.filter(|ratio| *ratio > 0.0).or(self.pixel_ratio);
        }
    }
}
