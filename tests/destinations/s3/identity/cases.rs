//! The ways to set up the sources of credentials, and what must come of each.

use super::{OTHER, RIGHT, TEMPORARY};

/// What must come of a case.
pub enum Right {
    /// Requests are signed with this key, and the probe names the source.
    Signs(&'static str, &'static str),
    /// Nothing is sent to the store, and this is told.
    Told(&'static str),
}
use Right::{Signs, Told};

/// One way to set the sources up.
pub struct Case {
    pub what: &'static str,
    /// `{home}`, `{sts}` and `{services}` stand for a folder and for the addresses of services.
    pub environment: &'static [(&'static str, &'static str)],
    pub files: &'static [(&'static str, &'static str)],
    pub right: Right,
}

pub const GOOD: &str = "[default]\naws_access_key_id = AKIARIGHTEXAMPLE0001\n\
                    aws_secret_access_key = right/secret+of/the+key/EXAMPLE0000000001\n";
const FOREIGN: &str = "[default]\naws_access_key_id = AKIAOTHEREXAMPLE0002\n\
                       aws_secret_access_key = other/secret+of/the+key/EXAMPLE0000000002\n";

pub const CASES: &[Case] = &[
    Case {
        what: "an empty session token is no token",
        environment: &[
            ("AWS_ACCESS_KEY_ID", RIGHT.0),
            ("AWS_SECRET_ACCESS_KEY", RIGHT.1),
            ("AWS_SESSION_TOKEN", ""),
        ],
        files: &[],
        right: Signs(RIGHT.0, "the environment"),
    },
    Case {
        what: "empty keys beside a good profile",
        environment: &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "")],
        files: &[(".aws/credentials", GOOD)],
        right: Signs(RIGHT.0, "the profile \"default\""),
    },
    Case {
        what: "an empty name of a profile",
        environment: &[("AWS_PROFILE", "")],
        files: &[(".aws/credentials", GOOD)],
        right: Signs(RIGHT.0, "the profile \"default\""),
    },
    Case {
        what: "line ends behind key, secret and region",
        environment: &[
            ("AWS_ACCESS_KEY_ID", "AKIARIGHTEXAMPLE0001\n"),
            ("AWS_SECRET_ACCESS_KEY", "right/secret+of/the+key/EXAMPLE0000000001\r\n"),
            ("AWS_REGION", "us-east-1\n"),
        ],
        files: &[],
        right: Signs(RIGHT.0, "the environment"),
    },
    Case {
        what: "a temporary key with its token, which has a line end",
        environment: &[
            ("AWS_ACCESS_KEY_ID", TEMPORARY.0),
            ("AWS_SECRET_ACCESS_KEY", TEMPORARY.1),
            ("AWS_SESSION_TOKEN", "a-token-for-temporary-keys/EXAMPLE==\n"),
        ],
        files: &[],
        right: Signs(TEMPORARY.0, "the environment"),
    },
    Case {
        what: "a secret in quotes",
        environment: &[
            ("AWS_ACCESS_KEY_ID", RIGHT.0),
            ("AWS_SECRET_ACCESS_KEY", "\"right/secret+of/the+key/EXAMPLE0000000001\""),
        ],
        files: &[(".aws/credentials", FOREIGN)],
        right: Told("AWS_SECRET_ACCESS_KEY stands in quotes"),
    },
    Case {
        what: "half a pair in the environment beside another's profile",
        environment: &[("AWS_ACCESS_KEY_ID", RIGHT.0)],
        files: &[(".aws/credentials", FOREIGN)],
        right: Told("AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY"),
    },
    Case {
        what: "the other half",
        environment: &[("AWS_SECRET_ACCESS_KEY", RIGHT.1)],
        files: &[(".aws/credentials", FOREIGN)],
        right: Told("AWS_SECRET_ACCESS_KEY is set without AWS_ACCESS_KEY_ID"),
    },
    Case {
        what: "half a pair in a profile, and a container behind it",
        environment: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other")],
        files: &[(
            ".aws/credentials",
            "[default]\naws_access_key_id = AKIARIGHTEXAMPLE0001\n",
        )],
        right: Told("it lacks aws_secret_access_key"),
    },
    Case {
        what: "an empty secret in a profile",
        environment: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other")],
        files: &[(
            ".aws/credentials",
            "[default]\naws_access_key_id = AKIARIGHTEXAMPLE0001\naws_secret_access_key =\n",
        )],
        right: Told("it lacks aws_secret_access_key"),
    },
    Case {
        what: "a profile that takes a role, and a container behind it",
        environment: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other")],
        files: &[(
            ".aws/credentials",
            "[default]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = x\n",
        )],
        right: Told("it has role_arn"),
    },
    Case {
        what: "a profile that takes a role beside keys",
        environment: &[],
        files: &[(
            ".aws/credentials",
            "[default]\naws_access_key_id = AKIAOTHEREXAMPLE0002\n\
             aws_secret_access_key = other/secret+of/the+key/EXAMPLE0000000002\nrole_arn = arn:aws:iam::1:role/r\n\
             source_profile = x\n",
        )],
        right: Told("it has role_arn"),
    },
    Case {
        what: "a profile whose role stands in the other file",
        environment: &[("AWS_PROFILE", "work")],
        files: &[
            (
                ".aws/credentials",
                "[work]\naws_access_key_id = AKIAOTHEREXAMPLE0002\n\
                 aws_secret_access_key = other/secret+of/the+key/EXAMPLE0000000002\n",
            ),
            (
                ".aws/config",
                "[profile work]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = work\n",
            ),
        ],
        right: Told("it has role_arn"),
    },
    Case {
        what: "an empty role beside keys",
        environment: &[],
        files: &[
            (".aws/credentials", GOOD),
            (".aws/config", "[default]\nrole_arn =\nregion = us-east-1\n"),
        ],
        right: Signs(RIGHT.0, "the profile \"default\""),
    },
    Case {
        what: "a user without a home",
        environment: &[
            ("HOME", "/dev/null"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other"),
        ],
        files: &[],
        right: Signs(OTHER.0, "the container's endpoint"),
    },
    Case {
        what: "a container that gives a token with a line end",
        environment: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/temporary")],
        files: &[],
        right: Signs(TEMPORARY.0, "the container's endpoint"),
    },
    Case {
        what: "a container that gives a token of two lines",
        environment: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/two-lines")],
        files: &[],
        right: Told("its session token"),
    },
    Case {
        what: "a profile of single sign-on in the other file",
        environment: &[
            ("AWS_PROFILE", "work"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other"),
        ],
        files: &[(".aws/config", "[profile work]\nsso_session = s\nregion = us-east-1\n")],
        right: Told("it has sso_session"),
    },
    Case {
        what: "keys in the other file",
        environment: &[("AWS_PROFILE", "work")],
        files: &[(
            ".aws/config",
            "[profile work]\naws_access_key_id = AKIARIGHTEXAMPLE0001\n\
             aws_secret_access_key = right/secret+of/the+key/EXAMPLE0000000001\n",
        )],
        right: Signs(RIGHT.0, "the profile \"work\""),
    },
    Case {
        what: "a profile that does not exist",
        environment: &[
            ("AWS_PROFILE", "nobody"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other"),
        ],
        files: &[(".aws/credentials", FOREIGN)],
        right: Told("there is no such profile"),
    },
    Case {
        what: "a folder in place of the file",
        environment: &[
            ("AWS_SHARED_CREDENTIALS_FILE", "{home}"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other"),
        ],
        files: &[],
        right: Told("is a folder"),
    },
    Case {
        what: "a container whose endpoint fails",
        environment: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/broken")],
        files: &[],
        right: Told("no credentials from the container's endpoint: it answered with 500"),
    },
    Case {
        what: "a container whose token cannot be read",
        environment: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/none"),
        ],
        files: &[],
        right: Told("cannot be read by user"),
    },
    Case {
        what: "a container's endpoint on another machine without TLS",
        environment: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://keys.example.org/")],
        files: &[],
        right: Told("its address is not one that may be asked"),
    },
    Case {
        what: "a container's endpoint that sends elsewhere",
        environment: &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/elsewhere")],
        files: &[],
        right: Told("it answered with 307"),
    },
    Case {
        what: "a container's endpoint with a token that has a line end",
        environment: &[
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/guarded"),
            ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "{home}/token"),
        ],
        files: &[("token", "the-token-of-the-container\n")],
        right: Signs(RIGHT.0, "the container's endpoint"),
    },
    Case {
        what: "a web identity whose token has a line end",
        environment: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"),
            ("AWS_ENDPOINT_URL_STS", "{sts}"),
        ],
        files: &[("token", "the.identity.token\n")],
        right: Signs(TEMPORARY.0, "the web identity"),
    },
    Case {
        what: "a web identity that has expired",
        environment: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws:iam::1:role/r"),
            ("AWS_ENDPOINT_URL_STS", "{sts}"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other"),
        ],
        files: &[("token", "the.expired.token")],
        right: Told("answered with 400 ExpiredTokenException"),
    },
    Case {
        what: "a web identity without its role",
        environment: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "{services}/other"),
        ],
        files: &[("token", "the.identity.token")],
        right: Told("AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN"),
    },
    Case {
        what: "a web identity in China asks there",
        environment: &[
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "{home}/token"),
            ("AWS_ROLE_ARN", "arn:aws-cn:iam::1:role/r"),
            ("AWS_REGION", "cn-north-1"),
        ],
        files: &[("token", "the.identity.token")],
        right: Told("sts.cn-north-1.amazonaws.com.cn"),
    },
    Case {
        what: "instance metadata of version 2",
        environment: &[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{services}")],
        files: &[],
        right: Signs(RIGHT.0, "the instance metadata"),
    },
    Case {
        what: "instance metadata that are switched off",
        environment: &[
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "{services}"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ],
        files: &[],
        right: Told("no credentials from anywhere"),
    },
    Case {
        what: "nothing at all",
        environment: &[],
        files: &[],
        right: Told("no credentials from anywhere"),
    },
];
