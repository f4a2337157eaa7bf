//! The run on the server and the runs of its methods.

use super::describe::{self, Description};
use super::models::Logged;
use super::{Remote, Sync, Told, dataset, difference, note};
use crate::mlflow::api::{METHOD, Metric, RemoteExperiment, RemoteRun};
use crate::mlflow::artifacts::store_path;
use crate::mlflow::client::{Content, Failure};
use crate::mlflow::error::MlflowError;
use crate::mlflow::settings::Experiment;

impl Sync<'_> {
    /// Finds or creates the runs and tells them everything but their metrics and their end.
    pub(super) async fn runs(&mut self) -> Result<Remote, MlflowError> {
        let experiment_id = self.experiment().await?;
        self.state.experiment_id = Some(experiment_id.clone());
        self.state.save(self.folder)?;
        let description = describe::of_run(&self.source.run);
        let parent = self.tell(&experiment_id, None, description).await?;
        self.input(&parent.remote).await?;
        self.files(&parent.remote).await?;
        let mut children = Vec::new();
        for index in 0..self.source.run.methods.len() {
            let method = &self.source.run.methods[index];
            let name = method.name.clone();
            let description = describe::of_method(&self.source.run, method, parent.remote.id());
            let child = self.tell(&experiment_id, Some(&name), description).await?;
            children.push(child);
        }
        Ok(Remote {
            experiment_id,
            parent,
            children,
        })
    }

    /// Says how all the runs ended.
    pub(super) async fn end(&mut self, remote: &Remote) -> Result<(), MlflowError> {
        let client = self.client;
        let ended = self.source.run.ended_at;
        let ended = ended.map(jiff::Timestamp::as_millisecond);
        // The whole training last.
        for told in remote.children.iter().chain([&remote.parent]) {
            let (remote, status) = (&told.remote, told.description.status);
            if remote.info.status != status || remote.end_time() != ended {
                let end = async || client.end_run(remote.id(), status, ended).await;
                client.retry(end).await?;
            }
        }
        Ok(())
    }

    /// Tells the runs their metrics, each as one of its model if it has one.
    pub(super) async fn metrics(
        &self,
        remote: &Remote,
        logged: &Logged,
    ) -> Result<(), MlflowError> {
        let (client, run) = (self.client, &self.source.run);
        for told in remote.children.iter().chain([&remote.parent]) {
            let model = logged.of_run(told.remote.id());
            let subject = model.map(|model| dataset::subject(run, &model.info.model_id));
            let Description {
                metrics, timings, ..
            } = &told.description;
            let about_model = metrics.iter().map(|metric| Metric {
                subject: subject.clone(),
                ..metric.clone()
            });
            let wanted: Vec<_> = about_model.chain(timings.iter().cloned()).collect();
            for batch in difference::metrics(&wanted, &told.remote, model) {
                let log = async || client.log_batch(told.remote.id(), &batch).await;
                client.retry(log).await?;
            }
        }
        Ok(())
    }

    /// The experiment that the run was sent to before, or that the settings name.
    async fn experiment(&self) -> Result<String, MlflowError> {
        let client = self.client;
        if let Some(id) = &self.state.experiment_id {
            let found = client.retry(async || client.experiment(id).await).await?;
            if found.is_some_and(|experiment| !experiment.is_deleted()) {
                return Ok(id.clone());
            }
        }
        let wanted = &client.settings().experiment;
        let usable = |found: RemoteExperiment| {
            if found.is_deleted() {
                let experiment = wanted.to_string();
                return Err(Failure::from(MlflowError::ExperimentDeleted { experiment }));
            }
            Ok(found.experiment_id)
        };
        let find_or_create = async || match wanted {
            Experiment::Id(id) => match client.experiment(id).await? {
                Some(found) => usable(found),
                None => Err(Failure::from(MlflowError::Setting {
                    variable: "MLFLOW_EXPERIMENT_ID",
                    problem: "is not the id of an experiment on the server".to_owned(),
                })),
            },
            Experiment::Name(name) => {
                if let Some(found) = client.experiment_named(name).await? {
                    return usable(found);
                }
                match client.create_experiment(name).await? {
                    Some(id) => Ok(id),
                    // Somebody else created it in between.
                    None => match client.experiment_named(name).await? {
                        Some(found) => usable(found),
                        None => Err(Failure::from(MlflowError::ExperimentDeleted {
                            experiment: name.clone(),
                        })),
                    },
                }
            }
        };
        client.retry(find_or_create).await
    }

    /// The run of `method`, or of the training itself. It is looked for before each attempt to
    /// create it, since an attempt may succeed without its answer coming back.
    async fn run(
        &self,
        experiment_id: &str,
        method: Option<&str>,
        description: &Description,
    ) -> Result<RemoteRun, MlflowError> {
        let client = self.client;
        let run = &self.source.run;
        let (id, started) = (run.id.to_string(), run.started_at.as_millisecond());
        let find_or_create = async || {
            let runs = client.runs_of(experiment_id, &id).await?;
            let mut ours = runs.into_iter().filter(|run| run.tag(METHOD) == method);
            if let Some(found) = ours.next() {
                return Ok(found);
            }
            let Description { name, tags, .. } = description;
            client.create_run(experiment_id, name, started, tags).await
        };
        client.retry(find_or_create).await
    }

    /// Finds or creates the run of `method`, or of the training itself, and adds the tags and
    /// parameters that it lacks.
    async fn tell(
        &mut self,
        experiment_id: &str,
        method: Option<&str>,
        description: Description,
    ) -> Result<Told, MlflowError> {
        let client = self.client;
        let remote = self.run(experiment_id, method, &description).await?;
        for batch in difference::texts(&description, &remote) {
            let log = async || client.log_batch(remote.id(), &batch).await;
            client.retry(log).await?;
        }
        if let Some(long) = &description.long_params {
            let text = format!("{long:#}\n");
            let content = Content::Bytes(text.into_bytes());
            self.put(&remote, "parameters.json", &content).await?;
        }
        Ok(Told {
            remote,
            description,
        })
    }

    async fn input(&self, parent: &RemoteRun) -> Result<(), MlflowError> {
        let (client, run) = (self.client, &self.source.run);
        let digest = dataset::digest(run);
        if parent.has_dataset(&digest) {
            return Ok(());
        }
        let dataset = dataset::input(run);
        let add = async || {
            // An attempt before may have succeeded without its answer coming back.
            if client.run(parent.id()).await?.has_dataset(&digest) {
                return Ok(());
            }
            client.log_input(parent.id(), &dataset).await
        };
        client.retry(add).await
    }

    async fn files(&mut self, parent: &RemoteRun) -> Result<(), MlflowError> {
        for (name, path) in self.source.files.clone() {
            self.put(parent, &name, &Content::File(path)).await?;
        }
        let results = note::results(&self.source.run);
        if results.len() > describe::LONGEST_TAG {
            let content = Content::Bytes(results.into_bytes());
            self.put(parent, "results.md", &content).await?;
        }
        Ok(())
    }

    /// Puts a file among the artifacts of a run.
    async fn put(
        &mut self,
        run: &RemoteRun,
        name: &str,
        content: &Content,
    ) -> Result<(), MlflowError> {
        let folder = store_path(&run.info.artifact_uri, &self.client.settings().uri)?;
        self.upload(format!("{folder}/{name}"), content).await
    }
}
