//! What the teacher is told about a submission.

/// How many sentences there are at most.
const AT_MOST: usize = 20;

/// Sentences, of which a learner cannot make too many.
#[derive(Default)]
pub(crate) struct Notes {
    sentences: Vec<String>,
    more: usize,
}

impl Notes {
    pub fn add(&mut self, sentence: String) {
        if self.sentences.len() < AT_MOST {
            self.sentences.push(sentence);
        } else {
            self.more += 1;
        }
    }

    pub fn into_sentences(mut self) -> Vec<String> {
        if self.more > 0 {
            self.sentences.push(format!("There are {} more such notes.", self.more));
        }
        self.sentences
    }
}
