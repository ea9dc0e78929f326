//! What the app says: its version, which is in the file `version.txt` beside the program.

use std::{env, fs, io, process};

/// An answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

pub(crate) struct Page {
    version: String,
    broken: bool,
}

impl Page {
    /// Reads the version. A version `broken`, or `HELLO_BROKEN=1`, is never healthy: to see what a deployment
    /// makes of that.
    pub(crate) fn load() -> io::Result<Self> {
        let version = match fs::read_to_string(env::current_exe()?.with_file_name("version.txt")) {
            Ok(version) => version.trim().to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => "of unknown version".to_owned(),
            Err(error) => return Err(error),
        };
        let broken = version == "broken" || env::var("HELLO_BROKEN").is_ok_and(|value| value == "1");
        Ok(Self { version, broken })
    }

    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    pub(crate) fn respond(&self, path: &str) -> Response {
        let plain = "text/plain; charset=utf-8";
        match path {
            "/health" if self.broken => {
                println!("the database of this version is missing");
                let body = "the database of this version is missing\n".to_owned();
                Response { status: "503 Service Unavailable", content_type: plain, body }
            }
            "/health" => Response { status: "200 OK", content_type: plain, body: "healthy\n".to_owned() },
            "/version" => Response { status: "200 OK", content_type: plain, body: format!("{}\n", self.version) },
            "/" => Response { status: "200 OK", content_type: "text/html; charset=utf-8", body: self.html() },
            _ => Response { status: "404 Not Found", content_type: plain, body: "there is nothing here\n".to_owned() },
        }
    }

    fn html(&self) -> String {
        let version = escape(&self.version);
        let pid = process::id();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>hello {version}</title>\n\
             <style>body {{ font: 18px/1.5 system-ui, sans-serif; margin: 20vh auto; width: 28em; }}\n\
             strong {{ font-size: 3em; display: block; }}</style>\n\
             <p>Hello. This is version<strong>{version}</strong>\n\
             <p>Process {pid} answered. Deploy another version and reload: no request will fail.\n</html>\n"
        )
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(version: &str, broken: bool) -> Page {
        Page { version: version.to_owned(), broken }
    }

    #[test]
    fn health_tells_a_broken_version() {
        assert_eq!(page("v1", false).respond("/health").status, "200 OK");
        assert_eq!(page("broken", true).respond("/health").status, "503 Service Unavailable");
    }

    #[test]
    fn the_page_shows_the_version_and_nothing_it_could_smuggle_in() {
        let body = page("<v1>", false).respond("/").body;
        assert!(body.contains("<strong>&lt;v1&gt;</strong>"), "{body}");
    }

    #[test]
    fn other_paths_are_not_there() {
        assert_eq!(page("v1", false).respond("/x").status, "404 Not Found");
    }
}
