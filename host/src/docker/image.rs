//! Images: pulled, looked up, named, pushed and pruned.

use super::progress::Progress;
use super::{Engine, EngineError, failure, found};
use crate::ssh::OutputSink;
use bollard::auth::DockerCredentials;
use bollard::models::{CreateImageInfo, ImageInspect, ImageSummary, PushImageInfo};
use bollard::query_parameters::{
    CreateImageOptionsBuilder, ListImagesOptionsBuilder, PushImageOptionsBuilder, RemoveImageOptions,
    TagImageOptionsBuilder,
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How to sign in to a registry.
pub struct Credentials {
    pub username: String,
    pub password: String,
}

/// An image on a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// `sha256:` and 64 hex digits.
    pub id: String,
    pub tags: Vec<String>,
    pub digests: Vec<String>,
    /// Bytes.
    pub size: u64,
}

impl From<ImageInspect> for Image {
    fn from(image: ImageInspect) -> Self {
        Self {
            id: image.id.unwrap_or_default(),
            tags: image.repo_tags.unwrap_or_default(),
            digests: image.repo_digests.unwrap_or_default(),
            size: image.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        }
    }
}

impl Engine {
    /// Pulls an image; its progress goes to `output`, line by line.
    pub async fn pull(
        &self,
        image: &str,
        credentials: Option<Credentials>,
        output: &mut dyn OutputSink,
    ) -> Result<Image, EngineError> {
        let image = with_tag(image);
        let what = format!("pull {image}");
        let options = CreateImageOptionsBuilder::new().from_image(&image).build();
        let mut events = std::pin::pin!(self.client.create_image(Some(options), None, signed_in(&image, credentials)));
        let mut progress = Progress::new(output);
        while let Some(event) = events.next().await {
            let CreateImageInfo { id, status, progress_detail, .. } = event.map_err(self.failed(&what))?;
            progress.tell(id.as_deref(), status.as_deref(), progress_detail.as_ref()).await;
        }
        let pulled = self.image(&image).await?;
        pulled.ok_or_else(|| self.no_image(&image).into())
    }

    /// An image that is there.
    pub async fn image(&self, image: &str) -> Result<Option<Image>, EngineError> {
        let inspected = found(self.client.inspect_image(image).await);
        let inspected = inspected.map_err(self.failed(format!("look up the image {image}")))?;
        Ok(inspected.map(Image::from))
    }

    /// Gives an image another name.
    pub async fn tag(&self, image: &str, name: &str) -> Result<(), EngineError> {
        let name = with_tag(name);
        let (repository, tag) = split(&name);
        let options = TagImageOptionsBuilder::new().repo(repository).tag(tag).build();
        let tagged = self.client.tag_image(image, Some(options)).await;
        tagged.map_err(self.failed(format!("give {image} the name {name}")))
    }

    /// Pushes an image, and answers the digest that the registry knows it by.
    pub async fn push(
        &self,
        image: &str,
        credentials: Option<Credentials>,
        output: &mut dyn OutputSink,
    ) -> Result<String, EngineError> {
        let image = with_tag(image);
        let what = format!("push {image}");
        let (repository, tag) = split(&image);
        let options = PushImageOptionsBuilder::new().tag(tag).build();
        let credentials = signed_in(&image, credentials);
        let mut events = std::pin::pin!(self.client.push_image(repository, Some(options), credentials));
        let mut progress = Progress::new(output);
        let mut digest = None;
        while let Some(event) = events.next().await {
            let PushImageInfo { status, progress_detail, .. } = event.map_err(self.failed(&what))?;
            digest = digest.or_else(|| status.as_deref().and_then(digest_in));
            progress.tell(None, status.as_deref(), progress_detail.as_ref()).await;
        }
        Ok(digest.unwrap_or_default())
    }

    /// Removes all images of a repository but the newest `keep` and those in use. Answers their names.
    pub async fn prune(&self, repository: &str, keep: usize) -> Result<Vec<String>, EngineError> {
        let what = format!("remove old images of {repository}");
        let filters = HashMap::from([("reference", vec![repository])]);
        let options = ListImagesOptionsBuilder::new().filters(&filters).build();
        let mut images = self.client.list_images(Some(options)).await.map_err(self.failed(&what))?;
        images.sort_by(|one, other| (other.created, &other.id).cmp(&(one.created, &one.id)));
        let mut removed = Vec::new();
        for name in images.into_iter().skip(keep).flat_map(|image| names_of(image, repository)) {
            match self.client.remove_image(&name, None::<RemoveImageOptions>, None).await {
                Ok(_) => removed.push(name),
                // In use, or gone in the meantime.
                Err(bollard::errors::Error::DockerResponseServerError { status_code: 404 | 409, .. }) => {}
                Err(error) => return Err(self.failed(&what)(error)),
            }
        }
        Ok(removed)
    }

    pub(super) fn no_image(&self, image: &str) -> windlass_api_types::Failure {
        failure::by_word(self.target(), &format!("use {image}"), &format!("No such image: {image}"))
    }
}

fn names_of(image: ImageSummary, repository: &str) -> Vec<String> {
    let of_it = |name: &String| split(name).0 == repository;
    let names: Vec<String> = image.repo_tags.into_iter().filter(of_it).collect();
    match names.is_empty() {
        // An image whose tag another one has taken.
        true => vec![image.id],
        false => names,
    }
}

/// An image's name with a tag or a digest: an engine pulls all tags where there is none.
fn with_tag(image: &str) -> String {
    let (_, tag) = split(image);
    if tag.is_empty() && !image.contains('@') { format!("{image}:latest") } else { image.to_owned() }
}

/// A name without its tag, and the tag.
fn split(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        // What comes after the last colon is the port of a registry where a slash follows.
        Some((repository, tag)) if !tag.contains('/') && !repository.contains('@') => {
            match repository.ends_with("@sha256") {
                true => (image, ""),
                false => (repository, tag),
            }
        }
        _ => (image, ""),
    }
}

fn signed_in(image: &str, credentials: Option<Credentials>) -> Option<DockerCredentials> {
    let Credentials { username, password } = credentials?;
    // As the engine does: the first part is a registry where it looks like a host.
    let first = image.split_once('/').map_or("", |(first, _)| first);
    let registry = match first.contains(['.', ':']) || first == "localhost" {
        true => first,
        false => "https://index.docker.io/v1/",
    };
    let serveraddress = Some(registry.to_owned());
    Some(DockerCredentials { username: Some(username), password: Some(password), serveraddress, ..Default::default() })
}

/// Such as in `1.2: digest: sha256:… size: 528`.
fn digest_in(status: &str) -> Option<String> {
    let digest = status.split_once("digest: ")?.1.split(' ').next()?;
    Some(digest.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_as_engines_do() {
        assert_eq!(split("shop:1"), ("shop", "1"));
        assert_eq!(split("localhost:5000/shop"), ("localhost:5000/shop", ""));
        assert_eq!(with_tag("localhost:5000/shop"), "localhost:5000/shop:latest");
        let pinned = "localhost:5000/shop@sha256:abcd";
        assert_eq!((split(pinned), with_tag(pinned).as_str()), ((pinned, ""), pinned));
        assert_eq!(digest_in("1: digest: sha256:ab size: 5").as_deref(), Some("sha256:ab"));
    }
}
