//! The features of the client.
use crate::features::client::Client;
use crate::features::feature::features;
use crate::features::value::{Value, only_if};

features! {
    /// The features of the client, that is of the page and the machine it runs on. They come from the events that
    /// belong to no connection.
    CLIENT of Client;

    /// Logical processors.
    hardwareConcurrency: Integer "count", "not in `create`", "HTML: navigator.hardwareConcurrency"
        = |client, name| client.created_as(name);
    /// Memory of the machine, rounded by the browser.
    deviceMemory: Real "GiB", "not in `create`", "Device Memory: navigator.deviceMemory"
        = |client, name| client.created_as(name);
    /// Performance tier of the processor.
    cpuPerformance: Integer "tier", "not in `create`", "CPU Performance: navigator.cpuPerformance"
        = |client, name| client.created_as(name);
    /// Browser and system: `brands` (list of `brand`, `version`), `mobile`, `platform`.
    userAgentData: Json "object", "not in `create` (Firefox, Safari)", "User-Agent Client Hints: NavigatorUAData"
        = |client, name| client.created_as(name);
    /// Screen: `width` and `height` that windows can have, `devicePixelRatio`.
    screen: Json "object" needs PageScreen, "not in `create`", "CSSOM View: Screen"
        = |client, name| client.created_as(name);
    /// Inside of the window: `width`, `height`.
    window: Json "object" needs PageWindow, "not in `create`", "CSSOM View: Window"
        = |client, name| client.created_as(name);
    /// How often the page was loaded again; 0 for the first time.
    reloadCount: Integer "count" needs PageEvents, "the client library does not count", "–"
        = |client, name| client.created_as(name);
    /// `userAgentData.platform` of the first `create`.
    operatingSystem: Text "text", "not in `create`", "User-Agent Client Hints: NavigatorUAData.platform"
        = |client, _| client.platform.as_ref().into();
    /// Time of the first event.
    startTime: Real "ms since 1970" needs PageBegin, "no events", "–"
        = |client, _| client.span.begin().into();
    /// From the first to the last event, which is normally the `close` of the server.
    duration: Real "ms" needs PageEnd, "no events", "–"
        = |client, _| client.span.duration().into();
    /// Successful calls of `enumerateDevices`.
    enumerateDevicesCount: Integer "count" needs PageEvents, "never", "mediacapture-main: MediaDevices.enumerateDevices"
        = |client, _| client.enumerated.into();
    /// `getUserMedia` was called.
    calledGetUserMedia: Boolean "bool" needs Requests, "never", "mediacapture-main: MediaDevices.getUserMedia"
        = |client, _| client.user.called.into();
    /// … with audio.
    calledGetUserMediaAudio: Boolean "bool" needs Requests, "never", "mediacapture-main: MediaStreamConstraints.audio"
        = |client, _| client.user.audio.into();
    /// … with video.
    calledGetUserMediaVideo: Boolean "bool" needs Requests, "never", "mediacapture-main: MediaStreamConstraints.video"
        = |client, _| client.user.video.into();
    /// … with both in one call.
    calledGetUserMediaCombined: Boolean "bool" needs Requests, "never", "mediacapture-main: MediaStreamConstraints"
        = |client, _| client.user.combined.into();
    /// Calls of `getUserMedia` that gave tracks.
    getUserMediaSuccessCount: Integer "count" needs Requests, "never", "mediacapture-main: MediaDevices.getUserMedia"
        = |client, _| client.user.successes.into();
    /// Calls of `getUserMedia` that failed.
    getUserMediaErrorCount: Integer "count" needs Requests, "never", "mediacapture-main: MediaDevices.getUserMedia"
        = |client, _| client.user.failures.into();
    /// The first of these failures, `Name: text`.
    getUserMediaError: Text "text" needs Requests, "none failed", "mediacapture-main: MediaDevices.getUserMedia"
        = |client, _| client.error.as_ref().into();
    /// USB vendor and product of the first microphone whose label ends with them, as in `… (046d:082d)`.
    audioDeviceUsbId: Text "text", "no such label", "mediacapture-main: MediaStreamTrack.label"
        = |client, _| client.audio.usb.as_ref().into();
    /// The same of the first camera.
    videoDeviceUsbId: Text "text", "no such label", "mediacapture-main: MediaStreamTrack.label"
        = |client, _| client.video.usb.as_ref().into();
    /// `getDisplayMedia` was called.
    calledGetDisplayMedia: Boolean "bool" needs Requests, "never", "screen-share: MediaDevices.getDisplayMedia"
        = |client, _| client.display.called.into();
    /// … with audio.
    calledGetDisplayMediaAudio: Boolean "bool" needs Requests, "never", "screen-share: DisplayMediaStreamOptions.audio"
        = |client, _| client.display.audio.into();
    /// … with video, which it is unless `video` is exactly false.
    calledGetDisplayMediaVideo: Boolean "bool" needs Requests, "never", "screen-share: DisplayMediaStreamOptions.video"
        = |client, _| client.display.video.into();
    /// Calls of `getDisplayMedia` that gave tracks.
    getDisplayMediaSuccessCount: Integer "count" needs Requests, "never", "screen-share: MediaDevices.getDisplayMedia"
        = |client, _| client.display.successes.into();
    /// Calls of `getDisplayMedia` that failed.
    getDisplayMediaErrorCount: Integer "count" needs Requests, "never", "screen-share: MediaDevices.getDisplayMedia"
        = |client, _| client.display.failures.into();
    /// How long the client library took to connect, as it says in its first `websocket` event.
    webSocketConnectionTime: Real "ms" needs PageEvents, "no such event", "–"
        = |client, _| client.socket_time();
    /// A microphone track of an earlier `getUserMedia` ended by itself.
    audioEnded: Boolean "true" needs PageEvents, "otherwise (never false)",
        "mediacapture-main: MediaStreamTrack.onended"
        = |client, name| or_created(client, name, client.audio.ended);
    /// … less than a second after the latest `getUserMedia` that gave it.
    audioShortDuration: Boolean "true" needs PageEvents, "otherwise (never false)",
        "mediacapture-main: MediaStreamTrack.onended"
        = |client, name| or_created(client, name, client.audio.ended_soon);
    /// The same as `audioEnded` for a camera.
    videoEnded: Boolean "true" needs PageEvents, "otherwise (never false)",
        "mediacapture-main: MediaStreamTrack.onended"
        = |client, name| or_created(client, name, client.video.ended);
    /// The same as `audioShortDuration` for a camera.
    videoShortDuration: Boolean "true" needs PageEvents, "otherwise (never false)",
        "mediacapture-main: MediaStreamTrack.onended"
        = |client, name| or_created(client, name, client.video.ended_soon);
    /// How often a limit has left something of the dump out of the features; see *Limits*.
    omittedCount: Integer "count", "never left anything out", "–"
        = |client, _| client.omitted.into();
}

/// These features leave a member of create alone that has their name.
fn or_created<'a>(client: &'a Client, name: &str, is_so: bool) -> Value<'a> {
    match only_if(is_so) {
        Value::Absent => client.created_as(name),
        value => value,
    }
}
